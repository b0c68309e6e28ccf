// Long work part by part, for a bar that moves.
import { blockRows, runsOf } from '../model/blocks.ts';
import { createProgressBar } from './terminal.ts';

/** Blocks of one part for each thread: some 8 MB of rows, a fraction of a second of work. */
const PART_BLOCKS = 16;

export interface Parts {
  readonly rows: number;
  readonly dim: number;
  readonly threads: number;
  /** For the bar. */
  readonly task: string;
}

/**
 * Calls `work(start, end)` for rows 0 to `rows`, part after part. The parts are whole blocks of the verbs. Two are worked on at a time,
 * so that no thread waits for others at the end of a part.
 */
export async function inBlocks({ rows, dim, threads, task }: Parts, work: (start: number, end: number) => Promise<void>): Promise<void> {
  const bar = createProgressBar();
  const parts = runsOf(rows, PART_BLOCKS * threads * blockRows(dim));
  let done = 0;
  async function takeParts(): Promise<void> {
    for (const { start, end } of parts) {
      bar.show(done / rows, task);
      await work(start, end);
      done += end - start;
    }
  }
  try {
    await Promise.all([takeParts(), takeParts()]);
  } finally {
    bar.end();
  }
}
