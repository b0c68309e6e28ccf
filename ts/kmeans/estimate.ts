// What a training will take, told before it from its options and the shape of its rows alone.
import type { TrainOptions } from '../model/training.ts';
import { entriesOfStages, planFor, readSettings } from './plan.ts';
import { trainingWork } from './progress.ts';
import { rowsToDraw, splitOfRows } from './sampling.ts';
import { checkEnough, roomFor } from './train.ts';

export interface TrainingSize {
  readonly rowsUsed: number;
  readonly rowsHeldBack: number;
  /** See trainingWork: what one training takes of it in a second, another on the same machine does too, about. */
  readonly work: number;
  /** Of the arrays that grow with the rows, all that are there at once. */
  readonly bytes: number;
}

/**
 * @param given the rows, which come as a stream: those drawn are kept, and then copied
 * @throws RvqError where train would
 */
export function trainingSize(options: TrainOptions, given: { readonly rows: number; readonly dim: number }): TrainingSize {
  const settings = readSettings(options);
  const plan = planFor(settings, given.dim);
  checkEnough(plan, given.rows);
  const drawn = Math.min(given.rows, rowsToDraw(settings));
  const { used, heldBack } = splitOfRows(settings, drawn);
  const beams = entriesOfStages(plan, used);
  const most = Math.max(...beams);
  const copies = drawn + used + heldBack + roomFor(plan, used, most) + (plan.refine > 0 ? used : 0);
  const entries = most === 1 ? 0 : 2 * most * used; // those of a stage and those of the next
  return { rowsUsed: used, rowsHeldBack: heldBack, work: trainingWork(plan, used, beams).all, bytes: 4 * given.dim * (copies + entries) };
}
