// How far a training is: one event an iteration, a fraction that ends at exactly 1, and the time that is left.
import { rowsOfIteration } from './lloyd.ts';
import type { TrainPlan } from './plan.ts';
import { ADDED_UP_BY_CHOOSING, ADDED_UP_BY_ROUND, HELD_BACK, TRIALS } from './refine.ts';
import { rowsForStage } from './sampling.ts';
import { seedingRows } from './seeding.ts';

export interface Progress {
  /** The stage, or so many rounds of refinement after the last, were done in an earlier run, and are caught up with. */
  resumed(stage: number, rounds: number, mse: number): void;
  /** An iteration is done and others follow. */
  iterated(stage: number, iteration: number, mse: number): void;
  /** The stage is done, its last iteration among it; `mse` is that of this iteration. */
  finished(stage: number, iteration: number, mse: number): void;
  /** So many rounds of joint refinement are done; 0 once the weight is chosen. */
  refined(rounds: number, mse: number): void;
}

// How long things take, measured in the time in which an iteration compares an entry with a codeword: for an entry that goes on to the next
// stage, for a row of which k-means++ finds the exact distance, and to add one codeword of a row up while refining.
const EXTEND = 2;
const SEED = 4;
const ADD_UP = 15;

/** What a training takes, in codewords compared. */
export interface TrainingWork {
  /** At the start of each stage, and at the end of all. */
  readonly ends: readonly number[];
  /** Of a stage: its first iterations. */
  iterations(stage: number, done: number): number;
  /** Of joint refinement: a round. */
  readonly round: number;
  readonly all: number;
}

/**
 * @param rows rows used, after sampling
 * @param beams entries of a row before each stage
 */
export function trainingWork(plan: TrainPlan, rows: number, beams: readonly number[]): TrainingWork {
  const { codewords, iterations, init, start, refine } = plan;
  const stages = codewords.length;

  /** All of a stage where the number of its iterations is left out. */
  function stageWork(stage: number, done?: number): number {
    const trained = rowsForStage(plan, codewords[stage], rows);
    const seeded = start === undefined && init === 'k-means++' ? SEED * seedingRows(codewords[stage], trained * beams[stage]) : 0;
    let compared = done === undefined ? EXTEND * beams[stage] * rows : 0;
    for (let iteration = 1; iteration <= (done ?? iterations); iteration++) {
      compared += rowsOfIteration(plan, { rows: trained, entries: beams[stage], codewords: codewords[stage] }, iteration);
    }
    return (seeded + compared) * codewords[stage];
  }

  const ends = [0];
  for (let stage = 0; stage < stages; stage++) ends.push(ends[stage] + stageWork(stage));
  const encoding = codewords.reduce((work, count, stage) => work + EXTEND * beams[stage] * rows * count, 0);
  const round = encoding + ADD_UP * rows * stages * ADDED_UP_BY_ROUND;
  const choosing = (TRIALS / HELD_BACK) * encoding + ADD_UP * rows * stages * ADDED_UP_BY_CHOOSING;
  const all = ends[stages] + (refine > 0 ? choosing + refine * round : 0);
  return { ends, iterations: stageWork, round, all };
}

/** See trainingWork. */
export function createProgress(plan: TrainPlan, rows: number, beams: readonly number[]): Progress {
  const { codewords, iterations, refine, onProgress } = plan;
  const stages = codewords.length;
  const work = trainingWork(plan, rows, beams);
  const { ends, round, all } = work;
  let began = { at: performance.now(), done: 0 };

  function tell(stage: number, iteration: number, mse: number, done: number, round?: number): void {
    if (onProgress === undefined) return;
    const worked = done - began.done;
    const seconds = (performance.now() - began.at) / 1000;
    const secondsLeft = done === all ? 0 : worked > 0 ? (seconds / worked) * (all - done) : undefined;
    onProgress({ stage, stages, iteration, iterations, round, mse, fraction: done / all, secondsLeft });
  }
  return {
    resumed(stage, rounds, mse) {
      const done = rounds > 0 ? all - (refine - rounds) * round : ends[stage + 1];
      began = { at: performance.now(), done };
      tell(stage, iterations, mse, done, rounds > 0 ? rounds : undefined);
    },
    iterated(stage, iteration, mse) {
      tell(stage, iteration, mse, ends[stage] + work.iterations(stage, iteration));
    },
    finished(stage, iteration, mse) {
      tell(stage, iteration, mse, ends[stage + 1]);
    },
    refined(rounds, mse) {
      tell(stages - 1, iterations, mse, all - (refine - rounds) * round, rounds);
    },
  };
}
