// The pool of Node.
import { availableParallelism } from 'node:os';
import { createPoolOn, type Pool, type PoolOptions } from '../pool/pool.ts';
import { script } from './script.ts';
import { threadTransport } from './threads.ts';

/**
 * Makes a pool of worker threads, which do the verbs on all cores. Close it, or declare it with `await using`, when it is no longer needed;
 * a pool with nothing to do keeps no process alive.
 *
 * @throws RvqError where an option is wrong
 */
export function createPool(options?: PoolOptions): Pool {
  return createPoolOn(threadTransport(script), options, { cores: availableParallelism() });
}
