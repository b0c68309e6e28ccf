// One worker of a pool: started, lent codebooks, given jobs, stopped.
import type { CoreModule } from '../engine/module.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import { RvqError } from '../model/errors.ts';
import type { Assigned } from './batch.ts';
import { buffersOf, fromWire, type JobMessage, lend, type Reply } from './protocol.ts';
import type { Transport, WorkerLink } from './transport.ts';

/** Codebooks that a worker keeps: the last that it was lent. */
const KEPT_CODEBOOKS = 8;

/** Long enough for hundreds of workers that start at once on few cores. */
export const START_MILLISECONDS = 30_000;

export interface HandEvents {
  /** It is ready, or a job of it is done: there is room for another. */
  free(): void;
  /** It died or did not start. Its jobs are as they were. */
  lost(hand: Hand, error: RvqError): void;
}

export class Hand {
  /** Jobs that it was given and has not answered, in order: it is at the first of them. */
  readonly jobs: Assigned[] = [];
  readonly #link: WorkerLink;
  readonly #events: HandEvents;
  readonly #timer: ReturnType<typeof setTimeout>;
  /** What it was lent, the last used last. */
  #codebooks: { readonly key: number; readonly codebook: Codec }[] = [];
  #nextKey = 0;
  /** Jobs given, and how many of them are answered. */
  #given = 0;
  #answered = 0;
  #ready = false;
  #stopped = false;

  constructor(transport: Transport, module: CoreModule, events: HandEvents, startMilliseconds: number) {
    this.#events = events;
    this.#link = transport({ reply: (reply) => this.#hear(reply), end: (error) => this.#end(error) });
    this.#timer = setTimeout(() => this.#end(silent(startMilliseconds, this.#link.silence)), startMilliseconds);
    try {
      this.#link.post({ type: 'start', module }, []);
    } catch (error) {
      void this.stop();
      throw error;
    }
  }

  /** Whether it has started. */
  get ready(): boolean {
    return this.#ready;
  }

  give(assigned: Assigned): void {
    const { job } = assigned;
    const asks = job.ask();
    const codebook = job.codebook && this.#lend(job.codebook);
    const message: JobMessage = { type: 'job', number: this.#given, kind: job.kind, asks, codebook };
    this.#link.post(message, buffersOf(asks));
    this.#given++;
    this.jobs.push(assigned);
    this.#link.keepAlive(true);
  }

  /** Stops the worker, whatever it does. */
  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    return this.#link.stop();
  }

  /** The key of a codebook that the worker has from now on. */
  #lend(codebook: Codec): number {
    const held = this.#codebooks.find((lent) => lent.codebook === codebook);
    const lent = held ?? { key: this.#nextKey++, codebook };
    if (held === undefined) {
      const copy = copyOf(codebook);
      this.#link.post({ type: 'lend', key: lent.key, codebook: copy }, buffersOf(copy));
    }
    this.#codebooks = [...this.#codebooks.filter((other) => other !== held), lent];
    if (this.#codebooks.length > KEPT_CODEBOOKS) {
      const [{ key }] = this.#codebooks.splice(0, 1);
      this.#link.post({ type: 'drop', key }, []); // it comes after all jobs that need it
    }
    return lent.key;
  }

  #hear(reply: Reply): void {
    if (this.#stopped) return;
    if (reply.type === 'ready') {
      clearTimeout(this.#timer);
      this.#ready = true;
    } else if (this.#ready && reply.number === this.#answered && this.#answered < this.#given) {
      this.#settle(reply);
    } else {
      this.#end(reply.type === 'failed' ? fromWire(reply.error) : new Error('it answers what nobody asked'));
      return;
    }
    this.#link.keepAlive(this.jobs.length > 0);
    this.#events.free();
  }

  #settle(reply: Exclude<Reply, { type: 'ready' }>): void {
    this.#answered++;
    const assigned = this.jobs.shift();
    if (assigned === undefined) return;
    if (reply.type === 'given') assigned.batch.answer(assigned, reply.gives);
    else assigned.batch.fail(assigned, fromWire(reply.error));
  }

  #end(cause: unknown): void {
    if (this.#stopped) return;
    void this.stop();
    this.#events.lost(this, workerFailed(this.#ready ? 'died' : 'could not start', cause));
  }
}

function silent(milliseconds: number, why: string | undefined): Error {
  return new Error(`no sign of it after ${milliseconds / 1000} seconds${why === undefined ? '' : `: ${why}`}`);
}

/** What a message may take away; a codec the message itself copies. */
function copyOf(codec: Codec): Codec {
  if (!isCodebook(codec)) return codec;
  const { data, dim, codewords, id } = codec;
  return { data: lend(data), dim, codewords, id };
}

export function workerFailed(what: 'died' | 'could not start', cause: unknown): RvqError {
  return new RvqError('WORKER_FAILED', 'worker', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
