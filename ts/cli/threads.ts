// Who does the work of a command: a pool on all cores, or for little work this thread. The results are the same. A pool leaves this
// thread free to hear an interruption, so long work has one even where it has but one thread.
import { type Codebook, decode, encode, evaluate, type Matrix, train } from '../index.ts';
import { sum } from '../model/codebook.ts';
import { createPool, type Pool } from '../node/index.ts';
import { printNote } from './terminal.ts';

export type Verbs = Pick<Pool, 'threads' | 'encode' | 'decode' | 'evaluate' | 'train'>;

/** Multiply-adds that one thread does in about a tenth of a second: as long as it takes to start workers and share the work out. */
const LITTLE_WORK = 2 ** 31;

const ALONE: Verbs = {
  threads: 1,
  encode: async (codebook, vectors, options) => encode(codebook, vectors, options),
  decode: async (codebook, codes, options) => decode(codebook, codes, options),
  evaluate: async (codebook, vectors, options) => evaluate(codebook, vectors, options),
  train,
};

/** Multiply-adds of encoding, about. */
export function encodeWork({ dim, codewords }: Codebook, { rows }: Matrix, beam: number): number {
  return rows * dim * sum(codewords) * beam;
}

/**
 * Does `use` with the verbs on as many threads as were asked for, by default all cores.
 *
 * @param work multiply-adds, about
 * @param signal when it is aborted, what runs ends with its reason
 */
export async function withThreads<T>(
  { threads, work, signal }: { threads: number | undefined; work: number; signal: AbortSignal },
  use: (verbs: Verbs) => Promise<T>,
): Promise<T> {
  if (work < LITTLE_WORK && (threads ?? 1) === 1) return use(ALONE);
  const pool = createPool({ threads, onWorkerError: ({ message }) => printNote(message) });
  const stop = (): Promise<void> => pool.close();
  signal.addEventListener('abort', stop);
  try {
    return await use(pool);
  } catch (error) {
    signal.throwIfAborted(); // the pool was closed, and says so
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
  }
}
