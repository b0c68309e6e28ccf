// The pool of browsers.
import { badArgument } from '../model/errors.ts';
import { readOptions } from '../model/options.ts';
import { createPoolOn, type Pool, type PoolOptions } from '../pool/pool.ts';
import { type WorkerLike, webTransport } from './transport.ts';

export interface WebPoolOptions extends PoolOptions {
  /**
   * Makes a worker whose script imports residual-vq/worker. Called once a worker, when there is work for it:
   * `() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`.
   */
  worker: () => WorkerLike;
}

/**
 * Makes a pool of Web Workers, which do the verbs on all cores. Rows are copied to them piece by piece, or where the page is
 * cross-origin isolated and they lie in a SharedArrayBuffer, read where they are. Close it when it is no longer needed.
 *
 * @throws RvqError where an option is wrong
 */
export function createPool(options: WebPoolOptions): Pool {
  const { worker, ...others } = readOptions<WebPoolOptions>('createPool', options, ['worker', 'threads', 'onWorkerError']);
  if (typeof worker !== 'function') throw badArgument('createPool option worker', 'a function that makes a Worker', worker);
  return createPoolOn(webTransport(worker), others, { cores: globalThis.navigator?.hardwareConcurrency ?? 1 });
}
