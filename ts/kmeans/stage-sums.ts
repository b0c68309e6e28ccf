// Partial sums of a Lloyd iteration for rows that are in many places: what each stage of a codebook is given is assigned to its codewords and added
// up, so that sums of several processes can be added, exactly and in any order, and divided by their counts.
import { type Codebook, stageCodewords } from '../model/codebook.ts';
import { badValue, count } from '../model/errors.ts';
import { checkFinite, type Matrix } from '../model/matrix.ts';
import type { TrainKernels } from './kernels.ts';

/** Of one stage. */
export interface StageSum {
  readonly stage: number;
  /** Rows that chose each codeword. */
  readonly counts: Float64Array;
  /** The sums of what the stages before have left of them, codewords x dim. */
  readonly sums: Float64Array;
  /** Their summed squared error after the stage, added row by row. */
  readonly errors: Float64Array;
}

export interface StageSums {
  /** Adds rows of the codebook's dim. */
  add(rows: Matrix): void;
  read(): StageSum[];
  /** Gives back what the engine holds. */
  close(): void;
}

/**
 * Values are rounded to multiples of the largest power of two that is at most the codebook's largest value over 2^26 before they are added: less than
 * float32 can tell of a codeword as large. So sums are exact up to 2^26 rows of that size for a codeword, and they depend neither on the order of
 * rows nor on how these are shared out: any process finds the same grid by the codebook alone.
 */
const GRID_BITS = 26;

/** Rows may be so many times as large as the codebook's largest value: adding the grid takes 2^50 steps of it, and a stage subtracts. */
const MOST_TIMES = 2 ** 23;

/** The power of two to whose multiples the values of rows are rounded, see above. */
export function gridOf({ data }: Codebook): number {
  return largestPower(data) / 2 ** GRID_BITS;
}

/** The largest power of two that is at most the largest value; 1 where all are zero. */
function largestPower(data: Float32Array): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  let power = 1;
  if (largest === 0) return power;
  while (power > largest) power /= 2;
  while (2 * power <= largest) power *= 2;
  return power;
}

/** @param stage the only one to sum up; undefined: every one */
export function createStageSums(kernels: TrainKernels, codebook: Codebook, stage?: number): StageSums {
  const { dim, codewords } = codebook;
  const grid = gridOf(codebook);
  const most = grid * 2 ** GRID_BITS * MOST_TIMES;
  const last = stage ?? codewords.length - 1;
  const stages = codewords.slice(0, last + 1).map((size, m) => {
    const own = stageCodewords(codebook, m).data;
    return { own, assigner: kernels.createAssigner(own, dim, grid), errors: new Float64Array(size) };
  });
  let before = 0;
  return {
    add(rows) {
      checkFinite('vectors', rows);
      const large = rows.data.findIndex((value) => Math.abs(value) > most);
      if (large >= 0) {
        const at = `row ${count(before + Math.floor(large / dim))}, element ${large % dim}`;
        throw badValue('vectors', at, `at most ${most.toPrecision(3)}, 2^23 times the largest value of the codebook`, rows.data[large]);
      }
      const left = rows.data.slice();
      const codes = new Uint16Array(rows.rows);
      for (const { own, assigner, errors } of stages) {
        assigner.assign(left, codes);
        subtract(left, own, codes, errors);
      }
      before += rows.rows;
    },
    read: () => stages.flatMap(({ assigner, errors }, m) => (stage === undefined || m === stage ? [{ stage: m, ...assigner.sums(), errors }] : [])),
    close() {
      for (const { assigner } of stages) assigner.close();
    },
  };
}

/** Takes each row's codeword off it, and adds what is left of it, squared, to the codeword's error. */
function subtract(left: Float32Array, codewords: Float32Array, codes: Uint16Array, errors: Float64Array): void {
  const dim = left.length / codes.length;
  for (let row = 0, at = 0; row < codes.length; row++) {
    const start = codes[row] * dim;
    let error = 0;
    for (let j = 0; j < dim; j++, at++) {
      left[at] -= codewords[start + j];
      error += left[at] * left[at];
    }
    errors[codes[row]] += error;
  }
}
