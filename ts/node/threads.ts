// The pool's workers in Node: threads of node:worker_threads.
import { Worker } from 'node:worker_threads';
import type { Transport } from '../pool/transport.ts';

/** @param script the text of ts/node/worker.ts, bundled: no file to find, wherever a program that uses us was bundled to */
export function threadTransport(script: string): Transport {
  return (events) => {
    // Nothing of how the process was started: --import and the like would run in every worker.
    const worker = new Worker(script, { eval: true, execArgv: [], env: {}, name: 'residual-vq' });
    let cause: unknown;
    worker.on('message', events.reply);
    worker.on('messageerror', events.end);
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => events.end(cause ?? new Error(`it ended with exit code ${code}`)));
    return {
      post: (request, buffers) => worker.postMessage(request, buffers),
      keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
      stop: async () => {
        await worker.terminate();
      },
    };
  };
}
