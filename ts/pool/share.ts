// How rows are shared out: in jobs of whole blocks, large ones first and small ones last, so that no worker is left with much to do when the
// others are done. Where a job ends decides nothing but that.
import type { Run } from '../model/blocks.ts';
import { PART_WORK } from '../model/work.ts';

/** Floats of one job's rows at most: 2 MB, for they may have to be copied, and the others wait until the first are. */
export const JOB_FLOATS = 2 ** 19;

/** Work of one job at least, about a millisecond: a message takes a twentieth of that. */
const JOB_WORK = 2 ** 25;

export interface Shares {
  readonly rows: number;
  /** Rows that may not be torn apart. */
  readonly block: number;
  readonly dim: number;
  /** See ts/model/work.ts. */
  readonly rowWork: number;
  /** Rows of one job at least, whatever their work. */
  readonly leastRows?: number;
  readonly threads: number;
}

/** Runs of rows, one a job. */
export function shareRows({ rows, block, dim, rowWork, leastRows = 1, threads }: Shares): Run[] {
  const most = Math.max(1, Math.floor(Math.min(JOB_FLOATS / (block * dim), PART_WORK / (block * rowWork))));
  const least = Math.min(most, Math.ceil(Math.max(leastRows, JOB_WORK / rowWork) / block));
  const blocks = Math.ceil(rows / block);
  const runs: Run[] = [];
  for (let done = 0; done < blocks; ) {
    const share = Math.ceil((blocks - done) / (2 * threads));
    const end = done + Math.max(least, Math.min(most, share));
    runs.push({ start: done * block, end: Math.min(rows, end * block) });
    done = end;
  }
  return runs;
}
