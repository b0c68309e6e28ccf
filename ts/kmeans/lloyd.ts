// Lloyd's iterations for one stage: rows to their nearest codewords, codewords to the means of their rows.
import type { Matrix } from '../model/matrix.ts';
import type { TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import { createReviver } from './revive.ts';
import { firstOfGroups } from './sampling.ts';
import { forRows, type Steps } from './steps.ts';

/** A stage in training. */
export interface StageWork {
  /** What the stages before have left of the rows. */
  readonly rows: Matrix;
  /** How many of these, one after the other, are made of the same row. */
  readonly entries: number;
  /** For a copy of one entry of each row. */
  readonly room: Float32Array;
  /** Row-major, float32; the iterations change them. */
  readonly codewords: Float32Array;
  /** Sums of rows are made of multiples of this: see sumGrid. */
  readonly grid: number;
  readonly steps: Steps;
}

export interface LloydResult {
  readonly iterations: number;
  readonly repaired: number;
}

/**
 * Iterates until the plan's number is reached. An iteration that moved no empty codeword and gained no more than the tolerance on the one before over
 * the same rows ends it sooner: where these were a part of the rows, it goes on with all of them, else it is the last.
 *
 * @param onIteration called after each iteration with its mse; `last` where none follows
 */
export async function iterate(
  engine: TrainEngine,
  plan: TrainPlan,
  work: StageWork,
  onIteration: (done: { iteration: number; mse: number; last: boolean }) => void,
): Promise<LloydResult> {
  const { rows, entries, codewords } = work;
  const shape = { rows: rows.rows / entries, entries, codewords: codewords.length / rows.dim };
  let stride = strideOf(shape);
  const first = firstOfGroups(plan.seed, shape.rows, stride);
  const reviver = createReviver(shape.codewords);
  let mseOfTurn: number[] = []; // of the iterations over the same rows before
  let repaired = 0;
  for (let iteration = 1; iteration <= plan.iterations; iteration++) {
    const whole = goesOverAll(plan, entries, iteration);
    if (whole) stride = 1;
    const used = whole ? rows : await takeInTurns(work, first, { turn: iteration, stride });
    const { codes, error, sums, counts } = await engine.assignAndSum(used, codewords, work);
    const mse = error / used.rows;
    await moveToMeans(codewords, { sums, counts, error, weight: whole ? Math.min(1, 1 / (SAME_ROW * entries)) : 1 }, work.steps);
    const moved = await reviver.revive(codewords, { rows: used.data, codes, counts, iteration, stride }, work.steps);
    repaired += moved;
    const before = mseOfTurn[iteration % stride] ?? Number.NaN; // compares as false
    mseOfTurn[iteration % stride] = mse;
    const settled = entries === 1 && moved === 0 && before - mse <= plan.tolerance * before;
    const last = iteration === plan.iterations || (settled && stride === 1);
    onIteration({ iteration, mse, last });
    if (last) return { iterations: iteration, repaired };
    if (settled) [stride, mseOfTurn] = [1, []]; // a part of the rows has no more to tell: on with all
  }
  return { iterations: 0, repaired };
}

/** A stage's rows, entries of each, and codewords. */
interface Shape {
  readonly rows: number;
  readonly entries: number;
  readonly codewords: number;
}

/** How many rows an iteration (from 1) assigns, where none ends the stage early. */
export function rowsOfIteration(plan: TrainPlan, shape: Shape, iteration: number): number {
  return goesOverAll(plan, shape.entries, iteration) ? shape.rows * shape.entries : Math.ceil(shape.rows / strideOf(shape));
}

/**
 * Whether an iteration goes over all rows, and all their entries: the last, and where rows have several, for there are more things to learn, the last
 * two. With a beam of 5 three would lower the mse of new rows (SIFT, 8 x 256) from 27,210 to 27,130 in a seventh more time, one leaves it at 27,630.
 */
function goesOverAll({ iterations }: TrainPlan, entries: number, iteration: number): boolean {
  return iteration > iterations - (entries > 1 ? 2 : 1);
}

/**
 * The other iterations go over one of so many rows, another each time, and one entry of each. So twelve iterations take as long as four over all
 * rows, and lead further than ten of these: mse of new rows (8 x 256, greedy, encoded with a beam of 5) 27,280 instead of 27,700 for SIFT. It is
 * the change of rows that leads on, as noise does in annealing: sums kept from the turns before, so that all rows count, led to 28,540 where the turn's
 * own led to 27,920 (a fifth of the rows held back).
 */
const STRIDE = 4;

/** Rows a codeword that an iteration needs at least. */
const LEAST_ROWS = 10;

function strideOf({ rows, codewords }: Shape): number {
  return Math.max(1, Math.min(STRIDE, Math.floor(rows / (LEAST_ROWS * codewords))));
}

/**
 * A row's entries are near each other, so that together they say less than as many rows: in iterations over all of them an entry
 * is taken for 1 / (this x entries) of a row, and for a row at most. Measured on photographs' patches (mse of new rows at beam 5): 25,580 with
 * 1/2, 26,120 with 1; on SIFT descriptors alike.
 */
const SAME_ROW = 1 / 2;

/** One of so many rows, and one of its entries, in turns. */
async function takeInTurns({ rows, entries, room, steps }: StageWork, first: Uint8Array, turn: Turn): Promise<Matrix> {
  if (entries === 1 && turn.stride === 1) return rows;
  const { data, dim } = rows;
  const ofLast = (first.length - 1) * turn.stride + ((first[first.length - 1] + turn.turn) % turn.stride);
  const length = ofLast < rows.rows / entries ? first.length : first.length - 1; // the last group may be short
  await forRows(steps, length, dim, (start, end) => copyTurn({ data, dim, entries }, first, turn, { to: room, start, end }));
  return { data: room.subarray(0, length * dim), rows: length, dim };
}

interface Turn {
  readonly turn: number;
  readonly stride: number;
}

/** A loop of its own: views of each row, or variables that a closure holds, take three times as long. */
function copyTurn(
  { data, dim, entries }: { data: Float32Array; dim: number; entries: number },
  first: Uint8Array,
  { turn, stride }: Turn,
  { to, start, end }: { to: Float32Array; start: number; end: number },
): void {
  for (let i = start, at = start * dim; i < end; i++) {
    const row = i * stride + ((first[i] + turn) % stride);
    const from = (row * entries + ((row + turn) % entries)) * dim;
    for (let j = from; j < from + dim; j++, at++) to[at] = data[j];
  }
}

/**
 * Each codeword becomes the mean of its rows, moved towards the mean of all as if it had so many rows more that lie there: the squared
 * error within codewords over the variance between them, which is the best guess where both are normal (empirical Bayes, as James and Stein).
 * A mean of few rows is itself off by its share of their error, and more so along every dim; rows that codewords fit exactly move nothing.
 * Measured on SIFT descriptors (30,000 rows, 8 x 256), mse of new rows: 30,360 instead of 30,660. A codeword without rows stays.
 */
async function moveToMeans(
  codewords: Float32Array,
  { sums, counts, error, weight }: { sums: Float64Array; counts: Float64Array; error: number; weight: number },
  steps: Steps,
): Promise<void> {
  const dim = codewords.length / counts.length;
  const mean = new Float64Array(dim);
  let rows = 0;
  await forRows(steps, counts.length, dim, (start, end) => {
    for (let k = start; k < end; k++) {
      rows += counts[k];
      for (let j = 0; j < dim; j++) mean[j] += sums[k * dim + j];
    }
  });
  for (let j = 0; j < dim; j++) mean[j] /= rows;
  let between = 0; // summed over the rows, as the error is
  await forRows(steps, counts.length, dim, (start, end) => {
    let sum = 0;
    for (let k = start; k < end; k++) {
      for (let j = 0; j < dim && counts[k] > 0; j++) {
        const difference = sums[k * dim + j] / counts[k] - mean[j];
        sum += counts[k] * difference * difference;
      }
    }
    between += sum;
  });
  // entries of less weight leave the error of the means as much larger
  const more = between > 0 ? error / weight / between : 0;
  await forRows(steps, counts.length, dim, (start, end) => {
    for (let k = start; k < end; k++) {
      if (counts[k] === 0) continue;
      for (let j = 0; j < dim; j++) codewords[k * dim + j] = (sums[k * dim + j] + more * mean[j]) / (counts[k] + more);
    }
  });
}
