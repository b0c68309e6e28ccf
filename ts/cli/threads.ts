// Who does the work of a command: a pool on all cores, or for little work this thread. The results are the same. A pool leaves this
// thread free to hear an interruption, so long work has one even where it has but one thread.
import { decodeStream, encodeStream, evaluate, evaluateStream, train } from '../index.ts';
import { PART_WORK } from '../model/work.ts';
import { createPool, type Pool } from '../node/index.ts';
import { Interrupted } from './exit.ts';
import { printWarning } from './output.ts';

export type Verbs = Pick<Pool, 'threads' | 'evaluate' | 'encodeStream' | 'decodeStream' | 'evaluateStream' | 'train'>;

const ALONE: Verbs = { threads: 1, evaluate: async (...given) => evaluate(...given), encodeStream, decodeStream, evaluateStream, train };

/**
 * Does `use` with the verbs on as many threads as were asked for, by default all cores.
 *
 * @param work of all rows: see ts/model/work.ts. So little that no interruption need be heard during it takes as long as to start workers.
 * @param signal when it is aborted, what runs ends with its reason
 */
export async function withThreads<T>(
  { threads, work, signal }: { threads: number | undefined; work: number; signal: AbortSignal },
  use: (verbs: Verbs) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted(); // interrupted while files were read: no one would tell the pool
  if (work <= PART_WORK && (threads ?? 1) === 1) return use(ALONE);
  const pool = createPool({ threads, onWorkerError: ({ message }) => printWarning(message) });
  const stop = (): Promise<void> => pool.close();
  signal.addEventListener('abort', stop);
  try {
    return await use(pool);
  } catch (error) {
    if (!(error instanceof Interrupted)) signal.throwIfAborted(); // the pool was closed, and says so
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
  }
}
