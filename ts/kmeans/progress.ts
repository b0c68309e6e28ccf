// How far a training is: one event an iteration, and a fraction that ends at exactly 1.
import type { TrainProgress } from '../model/training.ts';
import type { TrainPlan } from './plan.ts';
import { rowsForStage } from './sampling.ts';

export interface Progress {
  /** An iteration is done and others follow. */
  iterated(stage: number, iteration: number, mse: number): void;
  /** The stage is done, its last iteration among it; `mse` is that of this iteration. */
  finished(stage: number, iteration: number, mse: number): void;
  /** A round of joint refinement, from 1, is done. */
  refined(rounds: number, mse: number): void;
}

/**
 * @param rows rows used, after sampling
 * @param beams entries of a row before each stage
 */
export function createProgress(plan: TrainPlan, rows: number, beams: readonly number[]): Progress {
  const { codewords, iterations, refine, onProgress } = plan;
  const stages = codewords.length;
  const ends = [0]; // work done at the start of each stage, and at the end of all
  codewords.forEach((k, stage) => {
    ends.push(ends[stage] + rowsForStage(plan, k, rows) * k * beams[stage]);
  });
  const round = ends[stages] / (iterations + 1); // of refinement: the rows are encoded once, and the rest takes less
  const all = ends[stages] + refine * round;

  function tell(stage: number, iteration: number, mse: number, fraction: number): void {
    const progress: TrainProgress = { stage, stages, iteration, iterations, mse, fraction };
    onProgress?.(progress);
  }
  return {
    iterated(stage, iteration, mse) {
      const part = iteration / (iterations + 1); // the assignment that ends a stage is like one more iteration
      tell(stage, iteration, mse, (ends[stage] + (ends[stage + 1] - ends[stage]) * part) / all);
    },
    finished(stage, iteration, mse) {
      tell(stage, iteration, mse, ends[stage + 1] / all);
    },
    refined(rounds, mse) {
      tell(stages - 1, iterations, mse, rounds === refine ? 1 : (ends[stages] + rounds * round) / all);
    },
  };
}
