// The codewords with which k-means begins.
import type { Floats } from '../model/arrays.ts';
import type { Matrix } from '../model/matrix.ts';
import { createRandom, type Random, sampleIndices } from '../model/random.ts';
import { contractToFit } from './contraction.ts';
import type { TrainEngine } from './engine.ts';
import { deviationRow, meanRow } from './moments.ts';
import type { TrainPlan } from './plan.ts';
import { FIRST_STAGE_STREAM, gatherRows } from './sampling.ts';
import { forRows, type Steps } from './steps.ts';

/** Rows a codeword among which k-means++ chooses: its work is rows x codewords, measured exactly, so more would outlast Lloyd. */
const SEEDING_ROWS_PER_CODEWORD = 16;

/** Part of these, one of so many, the last, by which the codewords are moved towards the mean: a choice of three wants few. */
const FITTED_PART = 4;

/** How many rows of `rows` the first codewords are chosen among. */
export function seedingRows(codewords: number, rows: number): number {
  return Math.min(rows, SEEDING_ROWS_PER_CODEWORD * codewords);
}

export interface Seeding {
  readonly stage: number;
  /** The rows that train the stage, as many as codewords at least. */
  readonly rows: Matrix;
  /** Room for seedingRows of them. */
  readonly room: Float32Array;
  readonly steps: Steps;
}

/** The first codewords of a stage, row-major. */
export async function seedCodewords(engine: TrainEngine, plan: TrainPlan, { stage, rows, room, steps }: Seeding): Promise<Floats> {
  const count = plan.codewords[stage];
  const random = createRandom(plan.seed, FIRST_STAGE_STREAM + stage);
  if (plan.init === 'normal') return normalCodewords(random, rows, count, steps);
  const chosen = sampleIndices(random, seedingRows(count, rows.rows), rows.rows);
  const sample = await gatherRows(rows, chosen, { copy: room, steps });
  const codewords = plan.init === 'random' ? sample.data.slice(0, count * rows.dim) : await spreadCodewords(engine, random, sample, count, steps);
  await contractToFit(engine, codewords, { rows: lastRows(sample, Math.ceil(sample.rows / FITTED_PART)), steps });
  return codewords;
}

function lastRows({ data, rows, dim }: Matrix, count: number): Matrix {
  return { data: data.subarray((rows - count) * dim), rows: count, dim };
}

/**
 * k-means++ (Arthur and Vassilvitskii, 2007): each codeword is a row drawn with a probability in proportion to its squared distance from the
 * nearest codeword so far. Distances are brought up to date for several codewords at a time, by the search for nearest ones; between, a row
 * drawn by its distance before is taken with the probability by which that has fallen since, which comes to the same.
 */
async function spreadCodewords(engine: TrainEngine, random: Random, rows: Matrix, count: number, steps: Steps): Promise<Floats> {
  const { data, dim } = rows;
  const codewords = new Float32Array(count * dim);
  const nearest = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  let measured = 0; // codewords that the distances know of
  let refused = 0; // rows since then
  for (let k = 0; k < count; ) {
    const turn = steps.plain(2 * rows.rows + (k - measured) * dim);
    if (turn) await turn;
    const row = k === 0 ? random.below(rows.rows) : drawByWeight(random, nearest);
    let distance = nearest[row];
    for (let other = measured; other < k; other++) distance = Math.min(distance, squaredDistance(data, row * dim, codewords, other * dim, dim));
    // the first is infinitely far
    if (k === 0 || random.uniform() * nearest[row] <= distance) {
      codewords.set(data.subarray(row * dim, (row + 1) * dim), k * dim);
      k++;
    } else {
      refused++;
    }
    if (k - measured < Math.max(1, measured / MEASURED_BEFORE) && refused < MOST_REFUSED) continue;
    await lowerDistances(engine, rows, codewords.subarray(measured * dim, k * dim), nearest, steps);
    [measured, refused] = [k, 0];
  }
  return codewords;
}

/** For so many codewords that distances know of, one more may be drawn before they are brought up to date, and so many rows refused. */
const MEASURED_BEFORE = 2;
const MOST_REFUSED = 4;

/** Lowers the distance of each row to that of the nearest of more codewords. */
async function lowerDistances(engine: TrainEngine, rows: Matrix, codewords: Float32Array, nearest: Float64Array, steps: Steps): Promise<void> {
  const { data, dim } = rows;
  const { codes } = await engine.assign(rows, codewords, { steps });
  await forRows(steps, rows.rows, dim, (start, end) => {
    for (let i = start; i < end; i++) {
      const distance = squaredDistance(data, i * dim, codewords, codes[i] * dim, dim);
      if (distance < nearest[i]) nearest[i] = distance;
    }
  });
}

/** In four sums, which need not wait for each other. */
function squaredDistance(a: Float32Array, aStart: number, b: Float32Array, bStart: number, dim: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 4 <= dim; j += 4) {
    const e0 = a[aStart + j] - b[bStart + j];
    const e1 = a[aStart + j + 1] - b[bStart + j + 1];
    const e2 = a[aStart + j + 2] - b[bStart + j + 2];
    const e3 = a[aStart + j + 3] - b[bStart + j + 3];
    s0 += e0 * e0;
    s1 += e1 * e1;
    s2 += e2 * e2;
    s3 += e3 * e3;
  }
  for (; j < dim; j++) s0 += (a[aStart + j] - b[bStart + j]) * (a[aStart + j] - b[bStart + j]);
  return s0 + s1 + (s2 + s3);
}

/** A row drawn in proportion to its weight. Where all weights are 0, every row equals a codeword, and the first is as good as any. */
function drawByWeight(random: Random, weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  const target = random.uniform() * total;
  let below = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    below += weights[i];
    last = i;
    if (below > target) break; // may never be, where the product was rounded up to the total: then the last row that has a weight
  }
  return last;
}

/** Normal values with the mean and the deviation of the rows, coordinate by coordinate. */
async function normalCodewords(random: Random, rows: Matrix, count: number, steps: Steps): Promise<Floats> {
  const { dim } = rows;
  const mean = await meanRow(rows, steps);
  const deviation = await deviationRow(rows, mean, steps);
  const codewords = new Float32Array(count * dim);
  await forRows(steps, count, dim, (start, end) => {
    for (let k = start; k < end; k++) for (let j = 0; j < dim; j++) codewords[k * dim + j] = mean[j] + deviation[j] * random.normal();
  });
  return codewords;
}
