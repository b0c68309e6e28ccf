// What a report warns of: too few rows, codewords without use, a fit that new rows do not share. Each warning says what to do.
import { count, counted } from '../model/errors.ts';
import type { StageReport, TrainReport } from '../model/training.ts';
import type { TrainPlan } from './plan.ts';

/** Where faiss, too, begins to warn. */
const ROWS_PER_CODEWORD = 39;

/** Rows held back that fit worse than those that trained by more than this part are told of. */
const OVERFIT = 0.3;

/** Of fewer rows the error says little of others. */
const FEWEST_HELD_BACK = 30;

export function warningsOf(plan: TrainPlan, report: Omit<TrainReport, 'warnings'>): string[] {
  return [...rowWarnings(plan, report), ...deadWarnings(report), ...overfitWarnings(plan, report)];
}

function rowWarnings(plan: TrainPlan, { rows, rowsUsed, rowsHeldBack }: Omit<TrainReport, 'warnings'>): string[] {
  const most = Math.max(...plan.codewords);
  if (rowsUsed >= ROWS_PER_CODEWORD * most) return [];
  const few = `${counted(rowsUsed, 'rows')} trained ${counted(most, 'codewords')}, fewer than ${ROWS_PER_CODEWORD} a codeword: new rows will fit worse than these.`;
  if (rows > rowsUsed + (plan.heldBack === undefined ? 0 : rowsHeldBack)) {
    return [`${few} Raise maxRowsPerCodeword, now ${count(plan.maxRowsPerCodeword)}: there are ${counted(rows, 'rows')}.`];
  }
  const enough = count(ROWS_PER_CODEWORD * most);
  const fitting = Math.floor(rowsUsed / ROWS_PER_CODEWORD);
  return [`${few} Give ${enough} rows or more, or ask for ${fitting > 1 ? `${counted(fitting, 'codewords')} or fewer` : 'one codeword'}.`];
}

function deadWarnings({ stages }: Pick<TrainReport, 'stages'>): string[] {
  return stages.flatMap(({ dead, codewords }, stage) => {
    if (dead === 0) return [];
    const which = `${count(dead)} of the ${counted(codewords, 'codewords')} of stage ${stage} (stages count from 0)`;
    return [`No training row chose ${which}: ask for fewer codewords, or give rows that differ more.`];
  });
}

function overfitWarnings(plan: TrainPlan, { rows, rowsUsed, rowsHeldBack, mse, heldBackMse, stages }: Omit<TrainReport, 'warnings'>): string[] {
  if (heldBackMse === undefined || rowsHeldBack < FEWEST_HELD_BACK) return [];
  const spare = rows > 2 * rowsUsed;
  const remedy = spare ? `raise maxRowsPerCodeword, now ${count(plan.maxRowsPerCodeword)}` : 'give more rows';
  const useless = stages.findIndex((stage, m) => m > 0 && !gains(stages[m - 1], stage));
  if (useless > 0) {
    const fewer = useless === 1 ? '1 stage' : `${useless} stages`;
    return [`From stage ${useless} on (stages count from 0) rows held back fit no better: ${remedy}, or ask for ${fewer}.`];
  }
  if (!(heldBackMse > (1 + OVERFIT) * mse)) return [];
  const more = mse === 0 ? 'while those that trained fit exactly' : `${Math.round(100 * (heldBackMse / mse - 1))} % worse than those that trained`;
  return [`Rows held back fit ${more}: ${remedy}, or ask for fewer codewords or stages.`];
}

/** Whether rows held back fit a stage better than the one before. What fits exactly cannot. */
function gains(before: StageReport, stage: StageReport): boolean {
  return before.heldBackMse === undefined || stage.heldBackMse === undefined || before.heldBackMse === 0 || stage.heldBackMse < before.heldBackMse;
}
