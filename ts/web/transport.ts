// The pool's workers in browsers, and wherever else there are Web Workers: the program makes them, for only its bundler knows their script.
import { describe } from '../model/errors.ts';
import type { Reply } from '../pool/protocol.ts';
import type { Transport } from '../pool/transport.ts';

/** What a pool needs of a Web Worker: any `Worker` fits. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message' | 'messageerror' | 'error', listener: (event: WorkerLikeEvent) => void): void;
  terminate(): void;
}

/** A MessageEvent or an ErrorEvent, of which one has the first, the other the others. */
export interface WorkerLikeEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly message?: unknown;
  readonly error?: unknown;
}

export function webTransport(makeWorker: () => WorkerLike): Transport {
  return (events) => {
    const worker = makeWorker();
    if (!(['postMessage', 'addEventListener', 'terminate'] as const).every((name) => typeof worker?.[name] === 'function')) {
      throw new TypeError(`createPool option worker: expected it to return a Worker, got ${describe(worker)}`);
    }
    worker.addEventListener('message', ({ data }) => {
      if (isReply(data)) events.reply(data);
    });
    worker.addEventListener('messageerror', () => events.end(new Error('a message of it cannot be read here')));
    worker.addEventListener('error', (event) => events.end(failureOf(event)));
    return {
      silence: 'does its script import residual-vq/worker?',
      post: (request, buffers) => worker.postMessage(request, buffers),
      keepAlive() {}, // a page ends when it ends
      stop: async () => worker.terminate(),
    };
  };
}

/** A program's worker may have more to say than ours. */
function isReply(data: unknown): data is Reply {
  if (typeof data !== 'object' || data === null || !('type' in data)) return false;
  return data.type === 'ready' || data.type === 'given' || data.type === 'failed';
}

/** Scripts that cannot be loaded are told by an event that says nothing. */
function failureOf({ error, message }: WorkerLikeEvent): unknown {
  if (error instanceof Error) return error;
  if (typeof message === 'string' && message !== '') return new Error(message);
  return new Error('its script cannot be loaded: is its URL right, and does the page allow workers from it?');
}
