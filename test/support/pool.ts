// Pools whose workers can be watched and killed.
import { onTestFinished } from 'vitest';
import type { Matrix } from '../../ts/model/matrix.ts';
import { threadTransport } from '../../ts/node/threads.ts';
import { createPoolOn, type Pool, type PoolOptions } from '../../ts/pool/pool.ts';
import type { Reply, Request } from '../../ts/pool/protocol.ts';
import type { Transport, WorkerEvents, WorkerLink } from '../../ts/pool/transport.ts';

/** The text of ts/node/worker.ts, bundled: put in by vitest.config.ts. */
declare const WORKER_SCRIPT: string;

/** Node's workers, as createPool uses them. */
export const threads: Transport = threadTransport(WORKER_SCRIPT);

/** A worker that does its own thing before it does what it should. */
export function workerWith(prologue: string): Transport {
  return threadTransport(`${prologue}\n${WORKER_SCRIPT}`);
}

export { threadTransport };

/** A pool that is closed after the test. */
export function openPool(transport: Transport, options: PoolOptions = {}, startMilliseconds = 30_000): Pool {
  const pool = createPoolOn(transport, options, { cores: 2, startMilliseconds });
  onTestFinished(() => pool.close());
  return pool;
}

/** Calls `seen` after each message to a worker; `number` counts the workers from 0. */
export function watched(transport: Transport, seen: (request: Request, link: WorkerLink, number: number) => void): Transport {
  let workers = 0;
  return (events) => {
    const number = workers++;
    const link = transport(events);
    return {
      ...link,
      post(request, buffers) {
        link.post(request, buffers);
        seen(request, link, number);
      },
    };
  };
}

/** Calls `heard` with each reply of a worker in place of the pool, which it may pass it to. */
export function overheard(transport: Transport, heard: (reply: Reply, pool: WorkerEvents) => void): Transport {
  return (events) => transport({ ...events, reply: (reply) => heard(reply, events) });
}

/** The same rows in shared memory. */
export function sharedRows({ data, rows, dim }: Matrix): Matrix {
  const shared = new Float32Array(new SharedArrayBuffer(data.byteLength));
  shared.set(data);
  return { data: shared, rows, dim };
}
