// What a pool needs of an environment: workers that take messages. Node's are in ts/node/threads.ts, those of
// browsers in ts/web/transport.ts.
import type { Reply, Request } from './protocol.ts';

export interface WorkerEvents {
  reply(reply: Reply): void;
  /** It is gone, or of no use any more, and says nothing more. */
  end(error: unknown): void;
}

export interface WorkerLink {
  /** What may be wrong where nothing is heard of it. */
  readonly silence?: string;
  /** @param buffers those that go with the message */
  post(request: Request, buffers: ArrayBuffer[]): void;
  /** Whether the worker keeps the process alive; at first it does. */
  keepAlive(alive: boolean): void;
  /** Stops it at once; fulfilled when it is gone. */
  stop(): Promise<void>;
}

/** Starts a worker. What goes wrong later is told by `end`. */
export type Transport = (events: WorkerEvents) => WorkerLink;
