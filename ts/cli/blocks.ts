// Long work part by part, for a bar that moves.
import { runsOf } from '../model/blocks.ts';
import { PART_WORK } from '../model/work.ts';
import { createProgressBar } from './bar.ts';

/** Floats of one part's rows for each thread at most: 8 MB. */
const PART_FLOATS = 2 ** 21;

/** Jobs of one part for each thread, about: together a fraction of a second of work. */
const PART_JOBS = 8;

export interface Parts {
  readonly rows: number;
  readonly dim: number;
  /** Of a row: see ts/model/work.ts. */
  readonly rowWork: number;
  readonly threads: number;
  /** For the bar. */
  readonly task: string;
}

/**
 * Calls `work(start, end)` for rows 0 to `rows`, part after part. Two are worked on at a time,
 * so that no thread waits for others at the end of a part.
 */
export async function inBlocks({ rows, dim, rowWork, threads, task }: Parts, work: (start: number, end: number) => Promise<void>): Promise<void> {
  const bar = createProgressBar();
  const parts = runsOf(rows, Math.ceil(threads * Math.min(PART_FLOATS / dim, (PART_JOBS * PART_WORK) / rowWork)));
  let done = 0;
  async function takeParts(): Promise<void> {
    for (const { start, end } of parts) {
      bar.show(task, { fraction: done / rows, rows: done });
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
