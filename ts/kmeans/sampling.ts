// The rows that train: all of them, or as many as are useful, drawn by seed. They are a copy, which training turns into residuals.
import { count, RvqError } from '../model/errors.ts';
import { firstNotFinite, type Matrix, notFinite } from '../model/matrix.ts';
import { createRandom, sampleIndices } from '../model/random.ts';
import type { TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import { forRows, type Steps } from './steps.ts';

/** The random streams of one training, one for each purpose, so that a change in one moves none of the others. */
export const ROW_STREAM = 1;
export const FIRST_STAGE_STREAM = 2;

/** Larger values would let differences of rows and codewords pass the end of float32 (about 2^128). */
const LARGEST = 2 ** 120;

/** Rounding to the grid adds 1.5 x 2^52 steps of it, and values must not leave the room of 2^51 around that. */
const MOST_GRID_STEPS = 2 ** 50;

/** How many rows train a stage of `codewords`, of `rows` in all. */
export function rowsForStage(plan: TrainPlan, codewords: number, rows: number): number {
  return Math.min(rows, plan.maxRowsPerCodeword * codewords);
}

/** Refuses rows that are not finite, all of them, whether they would be drawn or not. */
export async function checkRows({ data, rows, dim }: Matrix, steps: Steps): Promise<void> {
  await forRows(steps, rows, dim, (start, end) => {
    const bad = firstNotFinite(data.subarray(start * dim, end * dim));
    if (bad >= 0) throw notFinite('vectors', data, start * dim + bad, dim);
  });
}

/**
 * A copy of the rows that train. They keep their order where every stage uses them all; otherwise they are drawn in random
 * order, so that the first rows of the sample are a sample too: a stage that needs fewer takes those.
 */
export async function sampleRows(engine: TrainEngine, plan: TrainPlan, vectors: Matrix, steps: Steps): Promise<Matrix> {
  const { rows, dim } = vectors;
  const used = rowsForStage(plan, Math.max(...plan.codewords), rows);
  const all = rows <= plan.maxRowsPerCodeword * Math.min(...plan.codewords);
  const chosen = all ? undefined : sampleIndices(createRandom(plan.seed, ROW_STREAM), used, rows);
  const copy = engine.createRows((chosen?.length ?? rows) * dim);
  return gatherRows(vectors, chosen, { copy, steps });
}

/** Copies the rows numbered `chosen`, or all of them, to the beginning of `copy`. */
export async function gatherRows(
  { data, rows, dim }: Matrix,
  chosen: readonly number[] | undefined,
  { copy, steps }: { copy: Float32Array; steps: Steps },
): Promise<Matrix> {
  const length = chosen?.length ?? rows;
  await forRows(steps, length, dim, (start, end) => {
    if (chosen === undefined) return copy.set(data.subarray(start * dim, end * dim), start * dim);
    for (let i = start; i < end; i++) copy.set(data.subarray(chosen[i] * dim, (chosen[i] + 1) * dim), i * dim);
  });
  return { data: copy.subarray(0, length * dim), rows: length, dim };
}

/**
 * The grid on which a stage's sums are exact in any order: the smallest power of two of which `added` values, each as large as the
 * largest of all, make no more than 2^53, the integers that a float64 holds. Values keep at least 53 - log2(added) bits, counted
 * from the largest. Found by doubling, which is exact; logarithms are not.
 *
 * @param added how many rows are added up, at most
 */
export async function sumGrid({ data, rows, dim }: Matrix, added: number, steps: Steps): Promise<number> {
  let largest = 0;
  await forRows(steps, rows, dim, (start, end) => {
    let most = 0; // a local, for a captured variable is boxed and three times as slow
    for (let i = start * dim; i < end * dim; i++) {
      const size = Math.abs(data[i]);
      if (size > most) most = size;
    }
    largest = Math.max(largest, most);
  });
  if (largest === 0) return 1;
  if (!(largest <= LARGEST)) {
    throw new RvqError('INVALID_ARGUMENT', 'vectors', `values up to ${largest.toPrecision(3)} are too large to train on: scale them below 1e36`);
  }
  let most = MOST_GRID_STEPS;
  while (most * added > 2 ** 53) most /= 2;
  let grid = 1;
  while (largest > most * grid) grid *= 2;
  while (largest <= (most / 2) * grid) grid /= 2;
  return grid;
}

/** What a user should know of how many rows there are: 39 a codeword is where faiss, too, begins to warn. */
export function rowWarnings(plan: TrainPlan, rows: number): string[] {
  const most = Math.max(...plan.codewords);
  const used = rowsForStage(plan, most, rows);
  if (used >= ROWS_PER_CODEWORD * most) return [];
  const few = `${count(used)} rows trained ${count(most)} codewords, fewer than ${ROWS_PER_CODEWORD} a codeword: new rows will fit worse than these.`;
  if (rows > used) return [`${few} Raise maxRowsPerCodeword, now ${count(plan.maxRowsPerCodeword)}: there are ${count(rows)} rows.`];
  const enough = count(ROWS_PER_CODEWORD * most);
  return [`${few} Give ${enough} rows or more, or ask for ${count(Math.max(1, Math.floor(rows / ROWS_PER_CODEWORD)))} codewords or fewer.`];
}

const ROWS_PER_CODEWORD = 39;
