// Checkpoints: the stages so far, and by what they are known to belong to this training.
import { codebook, stageOffsets } from '../model/codebook.ts';
import { badArgument, count, RvqError } from '../model/errors.ts';
import { createFingerprint } from '../model/fingerprint.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Refinement, StageReport } from '../model/training.ts';
import type { TrainPlan } from './plan.ts';
import { forRows, type Steps } from './steps.ts';

export interface Checkpoints {
  /** Tells the caller of what is done so far, where that is more than what was resumed. */
  made(data: Float32Array, stages: readonly StageReport[], refinements: readonly Refinement[]): Promise<void>;
}

/** Checks that what is to be resumed belongs to these options and rows. */
export async function createCheckpoints(plan: TrainPlan, rows: Matrix, steps: Steps): Promise<Checkpoints> {
  const { dim, codewords, refine, onCheckpoint, resume } = plan;
  if (onCheckpoint === undefined && resume === undefined) return { async made() {} };
  const training = await trainingId(plan, rows, steps);
  if (resume !== undefined && resume.training !== training) {
    const message = `expected a checkpoint of this training, ${training}, got one of ${resume.training}: options, seed or vectors differ`;
    throw new RvqError('INVALID_ARGUMENT', 'train option resume', message);
  }
  const resumed = resume === undefined ? 0 : resume.stages.length + resume.refinements.length;
  if (resume !== undefined && resume.refinements.length > refine) {
    throw badArgument('train option refine', `at least ${count(resume.refinements.length)}, as many as the checkpoint has rounds`, refine);
  }
  return {
    async made(data, stages, refinements) {
      const done = stages.length;
      if (onCheckpoint === undefined || done + refinements.length <= resumed) return;
      const values = data.subarray(0, stageOffsets(codewords)[done] * dim);
      const made = codebook(values, { dim, codewords: codewords.slice(0, done) });
      await onCheckpoint({ codebook: made, stages: [...stages], refinements: [...refinements], stagesInAll: codewords.length, training });
    },
  };
}

/** Of all that stages depend on: the options but for those that do not change them, and the values of the rows that train. */
async function trainingId(plan: TrainPlan, rows: Matrix, steps: Steps): Promise<string> {
  const { refine, onCheckpoint, resume, onProgress, signal, start, ...options } = plan;
  const print = createFingerprint(`residual-vq training ${JSON.stringify({ ...options, start: start?.id, rows: rows.rows })}`);
  await forRows(steps, rows.rows, HASHING * rows.dim, (first, end) => print.add(rows.data.subarray(first * rows.dim, end * rows.dim)));
  return print.digits();
}

/** Multiply-adds that take as long as to hash one value. */
const HASHING = 20;
