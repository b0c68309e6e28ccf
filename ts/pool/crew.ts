// The workers of a pool: as many as there is work for, each with a job to do and one to go on with. The work of one that dies is done again
// by another.
import { getModule } from '../engine/module.ts';
import { RvqError } from '../model/errors.ts';
import { type Assigned, Batch, type Job } from './batch.ts';
import { Hand, START_MILLISECONDS, workerFailed } from './hand.ts';
import type { Transport } from './transport.ts';

/** Jobs that a worker has at once: one that it does, and one that it need not wait for. It bounds the memory that jobs take. */
const JOBS_AT_ONCE = 2;

/** A job that so many workers died of is given up. */
const MOST_DEATHS = 3;

export interface CrewOptions {
  readonly threads: number;
  readonly onWorkerError?: ((error: RvqError) => void) | undefined;
  /** For tests. */
  readonly startMilliseconds?: number | undefined;
}

export class Crew {
  readonly threads: number;
  readonly #transport: Transport;
  readonly #options: CrewOptions;
  readonly #hands = new Set<Hand>();
  readonly #batches = new Set<Batch>();
  /** Workers that did not start since there was last nothing to do. */
  #failedStarts = 0;
  #lostWorkers = 0;
  #closed: Promise<void> | undefined;

  constructor(transport: Transport, options: CrewOptions) {
    this.#transport = transport;
    this.#options = options;
    this.threads = options.threads;
  }

  /** Workers that died or did not start. */
  get lostWorkers(): number {
    return this.#lostWorkers;
  }

  /**
   * Has the jobs done. Rejects with the error of the first that failed, in their order; with the signal's reason as soon as it is
   * aborted; where the pool is closed.
   */
  async run(jobs: readonly Job[], signal?: AbortSignal): Promise<void> {
    this.checkOpen();
    signal?.throwIfAborted();
    getModule(); // where there is no WebAssembly, this says so
    const batch = new Batch(jobs);
    const abort = (): void => batch.cancel(signal?.reason);
    signal?.addEventListener('abort', abort);
    this.#batches.add(batch);
    try {
      this.#share();
      await batch.done;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#batches.delete(batch);
      if (this.#batches.size === 0) this.#failedStarts = 0;
    }
  }

  checkOpen(): void {
    if (this.#closed !== undefined) throw closedError();
  }

  /** Stops all workers; what runs is rejected. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      const hands = [...this.#hands];
      this.#hands.clear();
      this.#closed = Promise.all(hands.map((hand) => hand.stop())).then(() => {});
      for (const batch of this.#batches) batch.cancel(closedError());
    }
    return this.#closed;
  }

  /** Gives out jobs to workers with room for them, and starts workers where there are jobs for more. */
  #share(): void {
    for (let hand = this.#freest(); hand !== undefined; hand = this.#freest()) {
      const assigned = this.#next();
      if (assigned === undefined) break;
      try {
        hand.give(assigned);
      } catch (error) {
        assigned.batch.fail(assigned, error);
      }
    }
    let wanted = 0;
    for (const { unfinished } of this.#batches) wanted += unfinished;
    wanted = Math.min(wanted, this.threads - this.#failedStarts);
    while (this.#hands.size < wanted && this.#start());
  }

  /** Of the workers with room for a job, one with the fewest. */
  #freest(): Hand | undefined {
    let freest: Hand | undefined;
    for (const hand of this.#hands) {
      if (hand.ready && hand.jobs.length < (freest?.jobs.length ?? JOBS_AT_ONCE)) freest = hand;
    }
    return freest;
  }

  #next(): Assigned | undefined {
    for (const batch of this.#batches) {
      const assigned = batch.next();
      if (assigned !== undefined) return assigned;
    }
    return undefined;
  }

  /** Starts a worker; false where even that fails. */
  #start(): boolean {
    try {
      const events = { free: () => this.#share(), lost: (hand: Hand, error: RvqError) => this.#replace(hand, error) };
      this.#hands.add(new Hand(this.#transport, getModule(), events, this.#options.startMilliseconds ?? START_MILLISECONDS));
      return true;
    } catch (cause) {
      this.#giveUpStart(workerFailed('could not start', cause));
      return false;
    }
  }

  /** Takes back the jobs of a worker that is gone. */
  #replace(hand: Hand, error: RvqError): void {
    this.#hands.delete(hand);
    if (!hand.ready) {
      this.#giveUpStart(error);
      return;
    }
    this.#lostWorkers++;
    const [running, ...waiting] = hand.jobs;
    if (running !== undefined) {
      running.deaths++;
      if (running.deaths === MOST_DEATHS) running.batch.fail(running, error);
      else running.batch.repeat(running);
    }
    for (const assigned of waiting) assigned.batch.repeat(assigned);
    this.#share();
    this.#options.onWorkerError?.(error);
  }

  /** One worker fewer; with none left, no work can be done. */
  #giveUpStart(error: RvqError): void {
    this.#lostWorkers++;
    this.#failedStarts++;
    if (this.#hands.size === 0) for (const batch of this.#batches) batch.cancel(error);
    else this.#share();
    this.#options.onWorkerError?.(error);
  }
}

function closedError(): RvqError {
  return new RvqError('INVALID_ARGUMENT', 'pool', 'is closed: make another with createPool');
}
