// The jobs of one call: handed out in their order, answered in any. Where some fail, the call fails with the error of the first of them
// in order, as it would on one thread.
import type { Codec } from '../model/codec.ts';
import type { Jobs, Kind } from './protocol.ts';

/** One worker's part of a call. */
export interface Job<K extends Kind = Kind> {
  readonly kind: K;
  /** What it is about, where it is about one. */
  readonly codebook?: Codec;
  /** What is asked, made when the job is sent: so copies are as many as jobs are out. */
  ask(): Jobs[K]['asks'];
  /** Takes the answer. What it throws is the job's error. */
  take(answer: Jobs[K]['gives']): void;
}

/** A job that was handed out. */
export interface Assigned {
  readonly job: Job;
  readonly batch: Batch;
  readonly index: number;
  /** Workers that died of it. */
  deaths: number;
}

export class Batch {
  /** Settles when no job is out any more and all are done or one has failed; at once when it is cancelled. */
  readonly done: Promise<void>;
  readonly #jobs: readonly Job[];
  #next = 0;
  #out = 0;
  /** Handed out to workers that died: out still, and to be handed out again. */
  #again: Assigned[] = [];
  #failure: { readonly index: number; readonly error: unknown } | undefined;
  #cancelled = false;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(jobs: readonly Job[]) {
    this.#jobs = jobs;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#settle();
  }

  /** How many jobs wait or are out. */
  get unfinished(): number {
    if (this.#cancelled) return 0;
    return this.#out + (this.#failure === undefined ? this.#jobs.length - this.#next : 0);
  }

  /** The next job to hand out, if one waits. */
  next(): Assigned | undefined {
    if (this.#cancelled) return undefined;
    const again = this.#again.shift();
    if (again !== undefined) return again;
    if (this.#failure !== undefined || this.#next === this.#jobs.length) return undefined;
    this.#out++;
    const index = this.#next++;
    return { job: this.#jobs[index], batch: this, index, deaths: 0 };
  }

  answer(assigned: Assigned, answer: Jobs[Kind]['gives']): void {
    if (this.#cancelled) return;
    try {
      assigned.job.take(answer);
      this.#out--;
      this.#settle();
    } catch (error) {
      this.fail(assigned, error);
    }
  }

  fail({ index }: Assigned, error: unknown): void {
    this.#out--;
    const failure = this.#failure === undefined || index < this.#failure.index ? { index, error } : this.#failure;
    this.#failure = failure;
    const { length } = this.#again;
    this.#again = this.#again.filter((assigned) => assigned.index < failure.index);
    this.#out -= length - this.#again.length;
    this.#settle();
  }

  /** Its worker died: the job goes to another. */
  repeat(assigned: Assigned): void {
    if (this.#failure !== undefined && this.#failure.index < assigned.index) this.#out--;
    else this.#again.push(assigned);
    this.#settle();
  }

  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#reject(reason);
  }

  #settle(): void {
    if (this.#out > 0) return;
    if (this.#failure !== undefined) this.#reject(this.#failure.error);
    else if (this.#next === this.#jobs.length) this.#resolve();
  }
}
