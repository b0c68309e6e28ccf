// Long work part by part: between the parts the bar moves and an interruption is heard.
import { setImmediate } from 'node:timers/promises';
import { blockRows } from '../model/blocks.ts';
import { createProgressBar } from './terminal.ts';

/** Blocks of one part: some 8 MB of rows, a fraction of a second of work. */
const PART_BLOCKS = 16;

/** Calls `work(start, end)` for rows 0 to `rows`, part after part. The parts are whole blocks of the verbs. */
export async function inBlocks(
  { rows, dim, task, signal }: { rows: number; dim: number; task: string; signal: AbortSignal },
  work: (start: number, end: number) => void,
): Promise<void> {
  const step = PART_BLOCKS * blockRows(dim);
  const bar = createProgressBar();
  try {
    for (let start = 0; start < rows; start += step) {
      await setImmediate();
      signal.throwIfAborted();
      bar.show(start / rows, task);
      work(start, Math.min(rows, start + step));
    }
  } finally {
    bar.end();
  }
}
