// Joint refinement: the codewords of all stages together, by least squares, for the codes that beam search gives the rows.
//
// Minimized is sum |row - its codewords|^2 + weight x sum |codeword - what it was|^2. The weight keeps codewords of few rows from fitting
// these alone: without one new rows fit worse than before. The unknown is the change of the codewords, so that rows come in as what their codes
// leave of them. The normal equations are solved by conjugate gradients in float64 with the diagonal (rows of a codeword + weight) as
// preconditioner, and their matrix is never made: a product with it is a decoding of all rows and a sum by codeword, 2 x rows x stages x dim
// multiply-adds, where the dense matrix of 8 x 256 codewords takes nine times as many and that of 16 x 1,024 has 268 million values.
import { stageOffsets } from '../model/codebook.ts';
import { codewordUse } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Entries, TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import { forRows, type Steps } from './steps.ts';

/** What the weight is chosen among. Measured on three data sets: 30 or its neighbours fit new rows best. */
const WEIGHTS = [10, 30, 100];

/** Every so many-th row is held back while the weight is chosen. */
const HELD_BACK = 8;

/** Steps of conjugate gradients; more change nothing that new rows would show. */
const STEPS = 12;

/** Steps while the weight is chosen, which tell as much. */
const TRIAL_STEPS = 5;

/** How often each codeword of a row is added up to choose the weight, and then in a round: twice at the start and in every step. */
export const ADDED_UP_BY_CHOOSING = WEIGHTS.length * 2 * (TRIAL_STEPS + 1);
export const ADDED_UP_BY_ROUND = 2 * (STEPS + 1);

/** Rows that are encoded together. */
const BLOCK = 4096;

export interface Encoded {
  /** The codeword of each row and stage, counted through all stages: rows x stages. */
  readonly places: Uint32Array;
  /** Summed squared error of the rows. */
  readonly error: number;
  /** Of each stage, as the report gives them; the error is that of the best entry after it. */
  readonly stages: readonly { readonly error: number; readonly use: ReturnType<typeof codewordUse> }[];
}

/** Beam search of all rows by the engine, which `createEncoding` gives room for once. */
export function createEncoding(engine: TrainEngine, { dim, codewords }: TrainPlan, beams: readonly number[], rows: Matrix) {
  const offsets = stageOffsets(codewords);
  const stages = codewords.length;
  const block = Math.min(BLOCK, rows.rows);
  const most = Math.max(...beams);
  const rooms = [0, 1].map(() => engine.createRows(block * most * dim));

  return async (data: Float32Array, steps: Steps): Promise<Encoded> => {
    const places = new Uint32Array(rows.rows * stages);
    const errors = new Float64Array(stages);
    for (let start = 0; start < rows.rows; start += block) {
      const count = Math.min(block, rows.rows - start);
      rooms[0].set(rows.data.subarray(start * dim, (start + count) * dim));
      let paths = new Uint32Array(count * stages);
      for (let stage = 0; stage < stages; stage++) {
        const [before, keep] = [beams[stage], beams[stage + 1]];
        const entries: Entries = { data: rooms[stage % 2].subarray(0, count * before * dim), rows: count, dim, count: before };
        const next = rooms[(stage + 1) % 2].subarray(0, count * keep * dim);
        const chosen = new Uint32Array(count * keep);
        errors[stage] += await engine.extend(entries, data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim), { steps, next, chosen });
        const longer = new Uint32Array(count * keep * stages);
        for (let i = 0; i < chosen.length; i++) {
          const from = (Math.floor(i / keep) * before + Math.floor(chosen[i] / 65_536)) * stages;
          for (let m = 0; m < stage; m++) longer[i * stages + m] = paths[from + m];
          longer[i * stages + stage] = offsets[stage] + (chosen[i] % 65_536);
        }
        paths = longer;
      }
      places.set(paths, start * stages);
    }
    const use = new Float64Array(offsets[stages]);
    for (const place of places) use[place]++;
    const of = codewords.map((_, stage) => {
      return { error: errors[stage], use: codewordUse(use.subarray(offsets[stage], offsets[stage + 1])) };
    });
    return { places, error: errors[stages - 1], stages: of };
  };
}

/** The weight that serves rows held back best, of a solution for the others. */
export async function chooseWeight(data: Float32Array, rows: Matrix, { places }: Encoded, steps: Steps): Promise<number> {
  let best = WEIGHTS[0];
  let least = Number.POSITIVE_INFINITY;
  for (const weight of WEIGHTS) {
    const solved = await solveCodewords(data, rows, places, { weight, most: TRIAL_STEPS, steps, uses: (i) => i % HELD_BACK !== 0 });
    const error = await squaredError(solved, rows, places, { steps, uses: (i) => i % HELD_BACK === 0 });
    if (error < least) [best, least] = [weight, error];
  }
  return best;
}

/**
 * The codewords, all stages, that minimize the squared error of the rows and `weight` times that of the codewords' change.
 *
 * @param data the codewords so far; not changed
 * @param places see Encoded
 * @param conditions `most`: steps of conjugate gradients at most; `uses`: which rows
 */
export async function solveCodewords(
  data: Float32Array,
  rows: Matrix,
  places: Uint32Array,
  { weight, steps, most = STEPS, uses = () => true }: { weight: number; steps: Steps; most?: number; uses?: (row: number) => boolean },
): Promise<Float32Array<ArrayBuffer>> {
  const { dim } = rows;
  const stages = places.length / rows.rows;
  const diagonal = new Float64Array(data.length / dim).fill(weight);
  for (let i = 0; i < rows.rows; i++) {
    if (uses(i)) for (let m = 0; m < stages; m++) diagonal[places[i * stages + m]]++;
  }

  /** Adds to `to` of each row's codewords what `value` makes of the sum of the row's codewords in `from`. */
  async function spread(from: Float32Array | Float64Array, to: Float64Array, value: (sum: Float64Array, row: number) => void): Promise<void> {
    const sum = new Float64Array(dim);
    await forRows(steps, rows.rows, 2 * stages * dim, (start, end) => {
      for (let i = start; i < end; i++) {
        if (!uses(i)) continue;
        sum.fill(0);
        for (let m = 0; m < stages; m++) {
          const at = places[i * stages + m] * dim;
          for (let j = 0; j < dim; j++) sum[j] += from[at + j];
        }
        value(sum, i);
        for (let m = 0; m < stages; m++) {
          const at = places[i * stages + m] * dim;
          for (let j = 0; j < dim; j++) to[at + j] += sum[j];
        }
      }
    });
  }

  const residual = new Float64Array(data.length);
  await spread(data, residual, (sum, i) => {
    for (let j = 0; j < dim; j++) sum[j] = rows.data[i * dim + j] - sum[j];
  });
  const change = new Float64Array(data.length);
  const scaled = residual.map((value, i) => value / diagonal[Math.floor(i / dim)]);
  const direction = scaled.slice();
  let size = dot(residual, scaled);
  for (let step = 0; step < most && size > 0; step++) {
    const product = direction.map((value) => weight * value);
    await spread(direction, product, () => {});
    const length = size / dot(direction, product);
    for (let i = 0; i < data.length; i++) {
      change[i] += length * direction[i];
      residual[i] -= length * product[i];
      scaled[i] = residual[i] / diagonal[Math.floor(i / dim)];
    }
    const next = dot(residual, scaled);
    for (let i = 0; i < data.length; i++) direction[i] = scaled[i] + (next / size) * direction[i];
    size = next;
  }
  const solved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) solved[i] = data[i] + change[i];
  return solved;
}

/** Summed squared error of the rows that `uses` takes, with the codewords at `places`. */
async function squaredError(
  data: Float32Array,
  rows: Matrix,
  places: Uint32Array,
  { steps, uses }: { steps: Steps; uses: (row: number) => boolean },
): Promise<number> {
  const { dim } = rows;
  const stages = places.length / rows.rows;
  let error = 0;
  await forRows(steps, rows.rows, stages * dim, (start, end) => {
    for (let i = start; i < end; i++) {
      if (!uses(i)) continue;
      for (let j = 0; j < dim; j++) {
        let left = rows.data[i * dim + j];
        for (let m = 0; m < stages; m++) left -= data[places[i * stages + m] * dim + j];
        error += left * left;
      }
    }
  });
  return error;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
