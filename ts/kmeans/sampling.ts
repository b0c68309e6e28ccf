// The rows that train: all of them, or as many as are useful, drawn by seed. They are a copy, which training turns into residuals.
import { RvqError } from '../model/errors.ts';
import { firstNotFinite, type Matrix, notFinite } from '../model/matrix.ts';
import { createRandom, sampleIndices } from '../model/random.ts';
import type { TrainEngine } from './engine.ts';
import type { TrainPlan, TrainSettings } from './plan.ts';
import { forRows, type Steps } from './steps.ts';
import type { Drawn } from './stream.ts';

/** The random streams of one training, one for each purpose, so that a change in one moves none of the others. */
export const RESERVOIR_STREAM = 0;
export const ROW_STREAM = 1;
export const FIRST_STAGE_STREAM = 2;
export const TURN_STREAM = 100_000; // there are fewer stages

/** Larger values would let differences of rows and codewords pass the end of float32 (about 2^128). */
const LARGEST = 2 ** 120;

/** Rounding to the grid adds 1.5 x 2^52 steps of it, and values must not leave the room of 2^51 around that. */
const MOST_GRID_STEPS = 2 ** 50;

/** How many rows train a stage of `codewords`, of `rows` in all. */
export function rowsForStage({ maxRowsPerCodeword }: TrainSettings, codewords: number, rows: number): number {
  return Math.min(rows, maxRowsPerCodeword * codewords);
}

/** Refuses rows that are not finite, all of them, whether they would be drawn or not. */
export async function checkRows(subject: string, { data, rows, dim }: Matrix, steps: Steps, firstRow = 0): Promise<void> {
  await forRows(steps, rows, dim, (start, end) => {
    const bad = firstNotFinite(data.subarray(start * dim, end * dim));
    if (bad >= 0) throw notFinite(subject, data, start * dim + bad, dim, firstRow);
  });
}

/** The rows of a training, copied. */
export interface Sample {
  /** Those that train. */
  readonly rows: Matrix;
  /** Others to measure by, or none. */
  readonly heldBack: Matrix;
}

/** Without the option heldBack, rows that are not needed are held back: one for so many that train. */
const TRAIN_TO_HELD_BACK = 8;

/** How many rows are drawn at most: those that train, and on top of these those held back. */
export function rowsToDraw(settings: TrainSettings): number {
  const { heldBack } = settings;
  const most = rowsForStage(settings, Math.max(...settings.codewords), Number.POSITIVE_INFINITY);
  return heldBack === undefined ? most + Math.floor(most / TRAIN_TO_HELD_BACK) : Math.ceil(most / (1 - heldBack));
}

/** How many of the rows drawn train, and how many are held back. */
export function splitOfRows(settings: TrainSettings, drawn: number): { used: number; heldBack: number } {
  const aside = Math.floor((settings.heldBack ?? 0) * drawn);
  const used = rowsForStage(settings, Math.max(...settings.codewords), drawn - aside);
  return { used, heldBack: settings.heldBack === undefined ? Math.min(drawn - used, Math.floor(used / TRAIN_TO_HELD_BACK)) : aside };
}

/**
 * The numbers of the rows that train, and of those held back. They keep their order where every stage uses them all (`undefined`: all there
 * are); otherwise they are put in random order, so that the first rows of the sample are a sample too: a stage that needs fewer takes those.
 *
 * @param drawn how many rows were drawn, and their numbers, or undefined where these are 0 to rows - 1
 */
export function sampleNumbers(
  settings: TrainSettings,
  drawn: { rows: number; chosen: ArrayLike<number> | undefined },
): { used: ArrayLike<number> | undefined; heldBack: readonly number[]; rows: number } {
  const { rows, chosen } = drawn;
  const { used, heldBack } = splitOfRows(settings, rows);
  const all = used === rows && used <= settings.maxRowsPerCodeword * Math.min(...settings.codewords);
  if (all) return { used: chosen, heldBack: [], rows: used };
  const order = sampleIndices(createRandom(settings.seed, ROW_STREAM), used + heldBack, rows);
  const numbers = chosen === undefined ? order : order.map((i) => chosen[i]);
  return { used: numbers.slice(0, used), heldBack: numbers.slice(used), rows: used };
}

/** Copies of the rows that train, and of those held back. */
export async function sampleRows(engine: TrainEngine, plan: TrainPlan, { vectors, chosen }: Drawn, steps: Steps): Promise<Sample> {
  const { used, heldBack, rows } = sampleNumbers(plan, { rows: chosen?.length ?? vectors.rows, chosen });
  const copy = (numbers: ArrayLike<number> | undefined, length: number) =>
    gatherRows(vectors, numbers, { copy: engine.createRows(length * vectors.dim), steps });
  return { rows: await copy(used, rows), heldBack: await copy(heldBack, heldBack.length) };
}

/**
 * Of each group of `size` rows, one after the other, the row that comes first where they take turns: drawn, for rows may come in a rhythm
 * of their own. In turn t it is the one t places on, around the group.
 */
export function firstOfGroups(seed: number, rows: number, size: number): Uint8Array {
  const random = createRandom(seed, TURN_STREAM);
  return Uint8Array.from({ length: Math.ceil(rows / size) }, () => random.below(size));
}

/** Copies the rows numbered `chosen`, or all of them, to the beginning of `copy`. */
export async function gatherRows(
  { data, rows, dim }: Matrix,
  chosen: ArrayLike<number> | undefined,
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
