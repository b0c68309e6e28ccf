// The pool of browsers on workers of the test's own, and what such a worker runs. Real browsers: test/everywhere/pages.everywhere.ts.
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { decode, encode, evaluate, type RvqError, randomCodebook, train } from '../ts/index.ts';
import { createServer } from '../ts/pool/serve.ts';
import { createPool, type WebPoolOptions, type WorkerLike, type WorkerLikeEvent } from '../ts/web/index.ts';
import { bitsOf } from './support/bits.ts';
import { errorOf, rejectionOf } from './support/files.ts';
import { normalRows } from './support/rows.ts';

const book = randomCodebook({ dim: 16, stages: 3, codewords: 60, seed: 1 });
const rows = normalRows({ rows: 9000, dim: 16 });

type Listener = (event: WorkerLikeEvent) => void;

/** A Web Worker that works in this thread, between whose messages other things happen. */
class LocalWorker implements WorkerLike {
  ended = false;
  readonly #listeners: [string, Listener][] = [];
  readonly #serve = createServer((reply, transfer) => this.dispatch({ type: 'message', data: structuredClone(reply, { transfer }) }));

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener]);
  }

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    // a compiled module is no data of its own to a structured clone
    const data = isStart(message) ? message : structuredClone(message, { transfer });
    setTimeout(() => this.receive(data as Parameters<typeof this.receive>[0]));
  }

  receive(message: Parameters<ReturnType<typeof createServer>>[0]): void {
    if (!this.ended) this.#serve(message);
  }

  terminate(): void {
    this.ended = true;
  }

  dispatch(event: WorkerLikeEvent): void {
    for (const [type, listener] of this.#listeners) if (type === event.type) setTimeout(() => listener(event));
  }
}

function isStart(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'start';
}

function openPool(worker: () => WorkerLike, options: Omit<WebPoolOptions, 'worker'> = {}): ReturnType<typeof createPool> {
  const pool = createPool({ worker, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

/** A worker of which nothing comes but these events, once it is started. */
const failing = (...events: WorkerLikeEvent[]): (() => WorkerLike) => {
  class FailingWorker extends LocalWorker {
    override receive(): void {
      for (const event of events) this.dispatch(event);
    }
  }
  return () => new FailingWorker();
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the pool of browsers', () => {
  it('does the verbs, with as many workers as it was told', async () => {
    const workers: LocalWorker[] = [];
    const pool = openPool(
      () => {
        workers.push(new LocalWorker());
        return workers[workers.length - 1];
      },
      { threads: 3 },
    );
    const codes = encode(book, rows, { beam: 3 });
    expect(bitsOf(await pool.encode(book, rows, { beam: 3 }))).toEqual(bitsOf(codes));
    expect(bitsOf(await pool.decode(book, codes))).toEqual(bitsOf(decode(book, codes)));
    expect(await pool.evaluate(book, rows)).toEqual(evaluate(book, rows));
    const options = { stages: 2, codewords: 64, iterations: 2 };
    expect(await pool.train(rows, options)).toEqual(await train(rows, options));
    expect(workers).toHaveLength(3);
    await pool.close();
    expect(workers.every(({ ended }) => ended)).toBe(true);
  });

  it('has as many workers as the browser names cores', () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 7 });
    expect(openPool(() => new LocalWorker()).threads).toBe(7);
    vi.stubGlobal('navigator', undefined);
    expect(openPool(() => new LocalWorker()).threads).toBe(1);
  });

  it('sends shared rows as copies where the page is not isolated', async () => {
    const data = new Float32Array(new SharedArrayBuffer(rows.data.byteLength));
    data.set(rows.data);
    for (const isolated of [undefined, true, false]) {
      vi.stubGlobal('crossOriginIsolated', isolated);
      let shared = 0;
      class Watched extends LocalWorker {
        override postMessage(message: unknown, transfer: ArrayBuffer[]): void {
          const { asks } = message as { asks?: { rows?: Float32Array } };
          if (asks?.rows?.buffer instanceof SharedArrayBuffer) shared++;
          super.postMessage(message, transfer);
        }
      }
      const pool = openPool(() => new Watched(), { threads: 2 });
      expect(bitsOf(await pool.encode(book, { ...rows, data }))).toEqual(bitsOf(encode(book, rows)));
      expect(shared > 0, `isolated: ${isolated}`).toBe(isolated !== false);
    }
  });

  it('hears only what is meant for it', async () => {
    class Talkative extends LocalWorker {
      override dispatch(event: WorkerLikeEvent): void {
        for (const data of [undefined, null, 'ready', { type: 'log' }, {}]) super.dispatch({ type: 'message', data });
        super.dispatch(event);
      }
    }
    const pool = openPool(() => new Talkative(), { threads: 2 });
    expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(encode(book, rows)));
  });

  it.each<[string, () => WorkerLike, RegExp]>([
    ['its script is not there', failing({ type: 'error' }), /its script cannot be loaded: is its URL right/],
    ['its script throws', failing({ type: 'error', message: 'Uncaught Error: no', error: new Error('no') }), /could not start: no$/],
    ['its script is no script', failing({ type: 'error', message: 'SyntaxError: <' }), /could not start: SyntaxError: <$/],
    ['it cannot be read', failing({ type: 'messageerror' }), /a message of it cannot be read here$/],
    ['it cannot read', failing({ type: 'message', data: { type: 'failed', error: { error: new Error('torn') } } }), /could not start: torn$/],
    ['it cannot be made', () => raise('no workers here'), /could not start: no workers here$/],
    ['it is none', () => ({}) as unknown as WorkerLike, /could not start: createPool option worker: expected it to return a Worker, got an object$/],
    ['it is nothing', () => undefined as unknown as WorkerLike, /expected it to return a Worker, got undefined$/],
  ])('says why a worker cannot start: %s', async (_, worker, message) => {
    const told: RvqError[] = [];
    const pool = openPool(worker, { threads: 2, onWorkerError: (error) => told.push(error) });
    expect(await rejectionOf(pool.encode(book, rows))).toMatchObject({ code: 'WORKER_FAILED', message: expect.stringMatching(message) });
    expect(told.length).toBeGreaterThan(0);
  });

  it('asks what the script of a silent worker imports', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const pool = openPool(failing(), { threads: 1 });
    const failed = rejectionOf(pool.encode(book, rows));
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await failed).message).toBe('worker: could not start: no sign of it after 30 seconds: does its script import residual-vq/worker?');
  });

  it('refuses what the verb refuses, in the same words', async () => {
    const empty = { data: new Float32Array(), rows: 0, dim: 16 };
    const pool = openPool(() => new LocalWorker());
    expect((await rejectionOf(pool.encode(book, empty))).message).toBe(errorOf(() => encode(book, empty)).message);
  });

  it.each<[unknown, string]>([
    [undefined, 'createPool option worker: expected a function that makes a Worker, got undefined'],
    [{ threads: 2 }, 'createPool option worker: expected a function that makes a Worker, got undefined'],
    [{ worker: new LocalWorker() }, 'createPool option worker: expected a function that makes a Worker, got a LocalWorker'],
    [{ worker: () => new LocalWorker(), threads: 0 }, 'createPool option threads: expected an integer from 1 to 256, got 0'],
    [{ worker: () => new LocalWorker(), workers: 2 }, 'createPool option "workers": not known; the options are worker, threads, onWorkerError'],
    [() => new LocalWorker(), 'createPool options: expected a plain object with worker, threads, onWorkerError, got a function'],
  ])('refuses the options %o', (options, message) => {
    expect(errorOf(() => createPool(options as WebPoolOptions)).message).toBe(message);
  });
});

describe('residual-vq/worker', () => {
  /** What it adds to the global scope when it is loaded, and what it posts there. */
  async function loaded(scope: Record<string, unknown>): Promise<{ listeners: Map<string, (event: object) => void>; posted: unknown[] }> {
    const listeners = new Map<string, (event: object) => void>();
    const posted: unknown[] = [];
    vi.resetModules();
    vi.stubGlobal('addEventListener', (type: string, listener: (event: object) => void) => listeners.set(type, listener));
    vi.stubGlobal('postMessage', (message: unknown) => posted.push(message));
    for (const [name, value] of Object.entries(scope)) vi.stubGlobal(name, value);
    await import('../ts/web/worker.ts');
    return { listeners, posted };
  }

  it('answers in a worker, also that it cannot read a message', async () => {
    const { listeners, posted } = await loaded({});
    listeners.get('messageerror')?.({});
    listeners.get('message')?.({ data: { type: 'job', kind: 'decode', asks: {}, codebook: 3 } });
    expect(posted).toEqual([
      { type: 'failed', error: { ours: undefined, error: new Error('a message to it cannot be read there') } },
      { type: 'failed', error: { ours: undefined, error: new Error('no codebook has the key 3') } },
    ]);
  });

  it.each([{ document: {} }, { postMessage: undefined }])('does nothing where it is in no worker: %o', async (scope) => {
    expect((await loaded(scope)).listeners.size).toBe(0);
  });
});

function raise(message: string): never {
  throw new Error(message);
}
