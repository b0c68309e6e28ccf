// Checkpoints: the stages so far, and by what they are known to belong to this training.
import { codebook, stageOffsets } from '../model/codebook.ts';
import { count, RvqError } from '../model/errors.ts';
import { createFingerprint } from '../model/fingerprint.ts';
import type { Matrix } from '../model/matrix.ts';
import type { CheckpointSettings, Refinement, StageReport, TrainCheckpoint } from '../model/training.ts';
import type { TrainPlan } from './plan.ts';
import { forRows, type Steps } from './steps.ts';

export interface Checkpoints {
  /** Tells the caller of what is done so far, where that is more than what was resumed. */
  made(data: Float32Array, stages: readonly StageReport[], refinements: readonly Refinement[]): Promise<void>;
}

/** Checks that what is to be resumed belongs to these options and rows. */
export async function createCheckpoints(plan: TrainPlan, rows: Matrix, steps: Steps): Promise<Checkpoints> {
  const { dim, codewords, onCheckpoint, resume } = plan;
  if (onCheckpoint === undefined && resume === undefined) return { async made() {} };
  const settings = settingsOf(plan);
  if (resume !== undefined) checkSettings(settings, resume);
  const vectors = await rowsId(rows, steps);
  if (resume !== undefined && resume.vectors !== vectors) {
    throw otherTraining(`the vectors that it was made with, whose rows that train have the id ${resume.vectors}`, vectors);
  }
  const resumed = resume === undefined ? 0 : resume.stages.length + resume.refinements.length;
  return {
    async made(data, stages, refinements) {
      const done = stages.length;
      if (onCheckpoint === undefined || done + refinements.length <= resumed) return;
      const values = data.subarray(0, stageOffsets(codewords)[done] * dim);
      const made = codebook(values, { dim, codewords: codewords.slice(0, done) });
      await onCheckpoint({ codebook: made, stages: [...stages], refinements: [...refinements], settings, vectors });
    },
  };
}

/** All that the plan says, but for what does not decide the codebook. */
export function settingsOf({ dim, start, heldBack, onCheckpoint, resume, onProgress, signal, ...deciding }: TrainPlan): CheckpointSettings {
  return { ...deciding, start: start?.id ?? null, heldBack: heldBack ?? null };
}

function checkSettings(settings: CheckpointSettings, { settings: made, refinements }: TrainCheckpoint): void {
  for (const option of new Set([...Object.keys(made), ...Object.keys(settings)])) {
    const [there, here] = [made, settings].map((options) => JSON.stringify(options[option] ?? null));
    if (option !== 'refine' && there !== here) throw otherTraining(`${option} ${there}, as it was made with`, here);
  }
  const rounds = refinements.length;
  if (rounds > settings.refine) throw otherTraining(`refine ${count(rounds)} or more, as so many rounds are done`, String(settings.refine));
}

function otherTraining(expected: string, got: string): RvqError {
  return new RvqError('INVALID_ARGUMENT', 'train option resume', `expected ${expected}, got ${got}`);
}

async function rowsId({ data, rows, dim }: Matrix, steps: Steps): Promise<string> {
  const print = createFingerprint(`residual-vq rows of dim ${dim}`);
  await forRows(steps, rows, HASHING * dim, (first, end) => print.add(data.subarray(first * dim, end * dim)));
  return print.digits();
}

/** Multiply-adds that take as long as to hash one value. */
const HASHING = 20;
