// Joint refinement: rows are encoded with the beam, then the codewords of all stages are moved together to what fits the rows best
// (solve.ts), and so on. How strongly codewords are drawn to the mean of their stage is chosen on rows held back, which are encoded anew with
// each trial: rows that spread alike along all axes want to be drawn alike, rows with a few long axes only along the others.
import type { Doubles } from '../model/arrays.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Refinement } from '../model/training.ts';
import { type Axes, alongAxes, coordinates, principalAxes } from './axes.ts';
import { createEncoding } from './encoding.ts';
import type { TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import { firstOfGroups, gatherRows } from './sampling.ts';
import { type Problem, solveCodewords } from './solve.ts';
import type { Steps } from './steps.ts';

/** In rows: along every axis, and so many more along axes on which codes leave all, fewer along others by the part of the variance that they leave. */
export type Pull = Pick<Refinement, 'weight' | 'axisWeight'>;

/**
 * What the pull is chosen among, the strongest first: this part of the rows of a codeword along every axis, and these many rows along axes on which
 * codes leave all. Measured on three data sets: see docs/training.md.
 */
const PULLS = [
  { part: 0.12, axisWeight: 0 },
  { part: 0.02, axisWeight: 10 },
  { part: 0, axisWeight: 12 },
];

export const TRIALS = PULLS.length;

/**
 * The strongest pull is taken that serves rows held back within this part of what the best does: with pulls alike, more gain comes of the rounds
 * after, and the codes that the rows held back had before favour the weaker.
 */
const ALIKE = 0.01;

/** Of so many rows one is held back while the pull is chosen. */
export const HELD_BACK = 8;

/** Steps of conjugate gradients; more change nothing that new rows would show. */
const STEPS = 8;

/** Steps while the pull is chosen, which tell as much. */
const TRIAL_STEPS = 5;

/** How often each codeword of a row is added up to choose the pull, and then in a round: twice at the start and in every step. */
export const ADDED_UP_BY_CHOOSING = PULLS.length * 2 * (TRIAL_STEPS + 1);
export const ADDED_UP_BY_ROUND = 2 * (STEPS + 1);

/** Rows that are enough to tell by how they spread. */
const MOST_ROWS = 2048;

export interface Refiner {
  choosePull(data: Float32Array, places: Uint32Array): Promise<Pull>;
  /** The codewords that fit the rows best, with the codewords that these have chosen at `places`. */
  refined(data: Float32Array, places: Uint32Array, pull: Pull): Promise<Float32Array>;
}

export async function createRefiner(engine: TrainEngine, plan: TrainPlan, beams: readonly number[], rows: Matrix, steps: Steps): Promise<Refiner> {
  const { codewords, dim } = plan;
  const stages = codewords.length;
  const axes = await principalAxes(rows, steps);
  const sample = Array.from({ length: Math.min(rows.rows, MOST_ROWS) }, (_, i) => Math.floor((i * rows.rows) / Math.min(rows.rows, MOST_ROWS)));
  const ofSample = Float64Array.from((await gatherRows(rows, sample, { copy: new Float32Array(sample.length * dim), steps })).data);
  const variances = await squaresAlong(axes, ofSample, steps, { centered: true });

  /** @param places of all rows */
  async function solve(data: Float32Array, places: Uint32Array, problem: Problem, pull: Pull, most: number): Promise<Float32Array> {
    const { weight, axisWeight } = pull;
    if (axisWeight === 0) {
      return solveCodewords(engine, data, problem, { axes: coordinates(dim), weights: new Float64Array(dim).fill(weight), most, steps });
    }
    const left = ofSample.slice();
    for (const [i, row] of sample.entries()) {
      for (let m = 0; m < stages; m++) {
        const at = places[row * stages + m] * dim;
        for (let j = 0; j < dim; j++) left[i * dim + j] -= data[at + j];
      }
    }
    const errors = await squaresAlong(axes, left, steps);
    const weights = variances.map((variance, j) => weight + axisWeight * (variance > errors[j] ? errors[j] / variance : 1));
    return solveCodewords(engine, data, problem, { axes, weights, most, steps });
  }

  return {
    async choosePull(data, places) {
      const [kept, aside] = split(plan.seed, rows.rows);
      const part = async (numbers: number[]) => gatherRows(rows, numbers, { copy: engine.createRows(numbers.length * dim), steps });
      const problem = { rows: await part(kept), places: placesOf(places, kept, stages), codewords };
      const encodeAside = createEncoding(engine, plan, beams, await part(aside));
      const perCodeword = (kept.length * stages) / (data.length / dim);
      const trials: { pull: Pull; error: number }[] = [];
      for (const { part, axisWeight } of PULLS) {
        const pull = { weight: part * perCodeword, axisWeight };
        trials.push({ pull, ...(await encodeAside(await solve(data, places, problem, pull, TRIAL_STEPS), steps)) });
      }
      const least = Math.min(...trials.map(({ error }) => error));
      const { pull } = trials.find(({ error }) => error <= (1 + ALIKE) * least) ?? trials[trials.length - 1];
      return pull;
    },
    refined: (data, places, pull) => solve(data, places, { rows, places, codewords }, pull, STEPS),
  };
}

/** Numbers of the rows that are used while the pull is chosen, and of those held back: one of each so many. */
function split(seed: number, rows: number): [number[], number[]] {
  const first = firstOfGroups(seed, rows, HELD_BACK);
  const [kept, aside]: [number[], number[]] = [[], []];
  for (let i = 0; i < rows; i++) (i % HELD_BACK === first[Math.floor(i / HELD_BACK)] ? aside : kept).push(i);
  return aside.length > 0 && kept.length > 0
    ? [kept, aside]
    : [
        [...kept, ...aside],
        [...kept, ...aside],
      ];
}

function placesOf(places: Uint32Array, rows: readonly number[], stages: number): Uint32Array {
  const of = new Uint32Array(rows.length * stages);
  for (const [i, row] of rows.entries()) of.set(places.subarray(row * stages, (row + 1) * stages), i * stages);
  return of;
}

/** Mean squares of rows along each axis, around 0 or their mean. */
async function squaresAlong(axes: Axes, rows: Doubles, steps: Steps, { centered = false } = {}): Promise<Float64Array> {
  const { dim } = axes;
  const turned = await alongAxes(axes, rows, steps);
  const [sums, squares] = [new Float64Array(dim), new Float64Array(dim)];
  const count = rows.length / dim;
  for (let at = 0; at < turned.length; ) for (let j = 0; j < dim; j++, at++) sums[j] += turned[at];
  for (let at = 0; at < turned.length; ) {
    for (let j = 0; j < dim; j++, at++) {
      const value = centered ? turned[at] - sums[j] / count : turned[at];
      squares[j] += value * value;
    }
  }
  return squares.map((square) => square / count);
}
