// What a pool makes of bad input, of workers that die, and of its end.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decode, type EncodeOptions, encode, evaluate, matrix, type RvqError, randomCodebook, train } from '../ts/index.ts';
import { createPool } from '../ts/node/index.ts';
import type { Transport, WorkerLink } from '../ts/pool/transport.ts';
import { bitsOf } from './support/bits.ts';
import { siftBase } from './support/data.ts';
import { errorOf, rejectionOf } from './support/files.ts';
import { openPool, overheard, threads, threadTransport, watched, workerWith } from './support/pool.ts';

const dim = 128;
const book = randomCodebook({ dim, stages: 4, codewords: 256, seed: 1 });
const rows = siftBase(9000);
const codes = encode(book, rows);
const options = { stages: 2, codewords: 256, iterations: 2 };

/** Stops the worker right after it was given its n-th job, for each number of jobs given in all that is in `at`. */
function killedAt(at: readonly number[]): Transport {
  let given = 0;
  return watched(threads, ({ type }, link) => {
    if (type === 'job' && at.includes(given++)) void link.stop();
  });
}

describe('a reply', () => {
  it.each([
    ['to an earlier job', -1],
    ['to a job that comes later', 1],
  ])('%s is not taken for that to the job at hand: its worker is replaced', async (_, shift) => {
    const told: string[] = [];
    let replies = 0;
    const confused = overheard(threads, (reply, pool) => {
      const wrong = reply.type === 'given' && replies++ === 2;
      pool.reply(wrong ? { ...reply, number: reply.number + shift } : reply);
    });
    const pool = openPool(confused, { threads: 1, onWorkerError: ({ message }) => told.push(message) });
    for (let round = 0; round < 3; round++) expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
    expect(told).toEqual(['worker: died: it answers what nobody asked']);
  });

  it('that comes twice is not taken for that to the next job', async () => {
    let replies = 0;
    const stammering = overheard(threads, (reply, pool) => {
      const copy = structuredClone(reply);
      pool.reply(reply);
      if (reply.type === 'given' && replies++ === 1) pool.reply(copy);
    });
    const pool = openPool(stammering, { threads: 1 });
    for (let round = 0; round < 3; round++) expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
    expect(pool.lostWorkers).toBe(1);
  });

  it('of a worker that was given up is not heard', async () => {
    const late: (() => void)[] = [];
    const slow = overheard(threads, (reply, pool) => {
      if (reply.type === 'given' && late.length === 0) {
        late.push(() => pool.reply(reply));
        pool.end(new Error('taken for dead'));
      } else {
        for (const speak of late) speak();
        pool.reply(reply);
      }
    });
    const pool = openPool(slow, { threads: 2 });
    for (let round = 0; round < 3; round++) expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
    expect(late).toHaveLength(1);
    expect(pool.lostWorkers).toBe(1);
  });
});

describe('a worker that dies', () => {
  it.each([[[0]], [[1, 2]], [[3, 11]], [[0, 1, 9, 15]]])('in the middle of a job does no harm, killed at %j', async (at) => {
    const errors: RvqError[] = [];
    const pool = openPool(killedAt(at), { threads: 2, onWorkerError: (error) => errors.push(error) });
    for (let round = 0; round < 3; round++) expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
    expect(errors.length).toBeGreaterThan(0);
    expect(pool.lostWorkers).toBe(errors.length);
    for (const error of errors)
      expect(error).toMatchObject({ name: 'RvqError', code: 'WORKER_FAILED', message: 'worker: died: it ended with exit code 1' });
  });

  it.each([[[0]], [[1, 4]], [[3, 9, 17]]])('in the middle of training does none either, killed at %j', async (at) => {
    const pool = openPool(killedAt(at), { threads: 2 });
    expect(await pool.train(rows, options)).toEqual(await train(rows, options));
    expect(pool.lostWorkers).toBe(at.length);
  });

  it('in the middle of a long job does none, by whatever method it searches', async () => {
    const few = { ...rows, data: rows.data.subarray(0, 3000 * dim), rows: 3000 };
    let kills = 2;
    const killed = watched(threads, ({ type }, link) => {
      if (type === 'job' && kills-- > 0) setTimeout(() => link.stop(), 20);
    });
    const pool = openPool(killed, { threads: 2 });
    expect(bitsOf(await pool.encode(book, few, { beam: 32 }))).toEqual(bitsOf(encode(book, few, { beam: 32 })));
  });

  it.each(['process.exit(7)', `throw new Error('on its own')`])('of its own accord does none either: %s', async (end) => {
    // at the fifth message or later: by then it was started, lent the codebook and has done two jobs. Every next one lives longer, because the
    // answers that a thread has not sent yet when it ends are lost: a job could be unlucky three times.
    const lives = `5 + 4 * require('node:worker_threads').threadId`;
    const mortal = workerWith(
      `let messages = 0; require('node:worker_threads').parentPort.on('message', () => { if (++messages === ${lives}) ${end}; });`,
    );
    const pool = openPool(mortal, { threads: 2 });
    const expected = { evaluation: evaluate(book, rows), rows: bitsOf(decode(book, codes)) };
    while (pool.lostWorkers < 4) {
      expect(await pool.evaluate(book, rows)).toEqual(expected.evaluation);
      expect(bitsOf(await pool.decode(book, codes))).toEqual(expected.rows);
    }
  });

  it('while it has nothing to do is replaced when there is something', async () => {
    const links = new Set<WorkerLink>();
    const told: string[] = [];
    const known = watched(threads, (_, link) => links.add(link));
    const pool = openPool(known, { threads: 1, onWorkerError: ({ message }) => told.push(message) });
    for (let round = 1; round <= 3; round++) {
      expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
      for (const link of links) await link.stop();
      while (told.length < round) await wait(1);
    }
    expect(links.size).toBe(3);
  });

  it('of the same job three times is given up, and the pool works on', async () => {
    const deadly = watched(threads, (request, link) => {
      if (request.type === 'job' && request.kind === 'measure') void link.stop();
    });
    const pool = openPool(deadly, { threads: 2 });
    const error = await rejectionOf(pool.evaluate(book, rows));
    expect(error).toMatchObject({ code: 'WORKER_FAILED', subject: 'worker', message: 'worker: died: it ended with exit code 1' });
    expect(pool.lostWorkers).toBeGreaterThanOrEqual(3);
    expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
  });
});

describe('a worker that cannot start', () => {
  it.each<[string, Transport, RegExp]>([
    ['its script is wrong', threadTransport('this is no script'), /^worker: could not start: Unexpected identifier/],
    ['its script throws', workerWith(`throw new RangeError('no memory')`), /^worker: could not start: no memory$/],
    ['it ends', workerWith('process.exit(3)'), /^worker: could not start: it ended with exit code 3$/],
    [
      'it cannot even be made',
      () => {
        throw new Error('no threads here');
      },
      /^worker: could not start: no threads here$/,
    ],
    [
      'its core has no memory',
      workerWith(`WebAssembly.Instance = class { constructor() { throw new RangeError('no memory') } }`),
      /^worker: could not start: WebAssembly memory: cannot be had: no memory$/,
    ],
  ])('rejects and says why: %s', async (_, transport, message) => {
    const told: RvqError[] = [];
    const pool = openPool(transport, { threads: 3, onWorkerError: (error) => told.push(error) });
    for (let round = 1; round <= 2; round++) {
      const error = await rejectionOf(pool.encode(book, rows));
      expect(error).toMatchObject({ code: 'WORKER_FAILED', subject: 'worker', message: expect.stringMatching(message) });
      expect(error.cause).toBeInstanceOf(Error);
    }
    expect(told.length).toBe(pool.lostWorkers);
    expect(told.length).toBeGreaterThanOrEqual(2);
    await expect(pool.train(rows, options)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
  });

  it('within a time limit, where it says nothing', async () => {
    const pool = openPool(threadTransport('setInterval(() => {}, 1000)'), { threads: 2 }, 300);
    const error = await rejectionOf(pool.encode(book, rows));
    expect(error.message).toBe('worker: could not start: no sign of it after 0.3 seconds');
  });

  it('is done without, where others can', async () => {
    let started = 0;
    const half: Transport = (events) => (started++ % 2 === 0 ? threads(events) : threadTransport('process.exit(1)')(events));
    const pool = openPool(half, { threads: 4 });
    expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
    expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
  });
});

describe('bad input is refused as the verbs refuse it', () => {
  const pool = createPool({ threads: 2 });

  it.each([0, 1, 1023, 1024, 5000, 8999])('where row %i is not finite', async (row) => {
    const data = rows.data.slice();
    for (const later of [row, Math.min(8999, row + 1500), 8999]) data[later * dim + 77] = Number.NEGATIVE_INFINITY;
    const bad = matrix(data, dim);
    const expected = errorOf(() => encode(book, bad));
    expect(await rejectionOf(pool.encode(book, bad))).toMatchObject(expected);
    expect(await rejectionOf(pool.evaluate(book, bad))).toMatchObject(expected);
    expect(await rejectionOf(pool.train(bad, options))).toMatchObject(expected);
    expect(expected).toMatchObject({ code: 'NOT_FINITE', message: expect.stringContaining('element 77: expected a finite float32, got -Infinity') });
  });

  it.each<[string, EncodeOptions]>([
    ['too wide a beam', { beam: 65 }],
    ['too little memory', { beam: 5, maxMemory: 1000 }],
    ['no memory', { beam: 5, maxMemory: 0 }],
  ])('%s', async (_, wrong) => {
    expect(await rejectionOf(pool.encode(book, rows, wrong))).toMatchObject(errorOf(() => encode(book, rows, wrong)));
    expect(await rejectionOf(pool.evaluate(book, rows, wrong))).toMatchObject(errorOf(() => evaluate(book, rows, wrong)));
  });

  it('in the arguments of all verbs', async () => {
    const narrow = matrix([[1, 2]]);
    expect(await rejectionOf(pool.encode(book, narrow))).toMatchObject(errorOf(() => encode(book, narrow)));
    expect(await rejectionOf(pool.evaluate(book, narrow))).toMatchObject(errorOf(() => evaluate(book, narrow)));
    expect(await rejectionOf(pool.decode(book, codes, { stages: 5 }))).toMatchObject(errorOf(() => decode(book, codes, { stages: 5 })));
    const foreign = { ...codes, codebookId: 'other' };
    expect(await rejectionOf(pool.decode(book, foreign))).toMatchObject(errorOf(() => decode(book, foreign)));
    expect(await rejectionOf(pool.train(rows, { stages: 0, codewords: 2 }))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each<[object, string]>([
    [{ threads: 0 }, 'createPool option threads: expected an integer from 1 to 256, got 0'],
    [{ threads: 257 }, 'createPool option threads: expected an integer from 1 to 256, got 257'],
    [{ threads: 1.5 }, 'createPool option threads: expected an integer from 1 to 256, got 1.5'],
    [{ threads: '2' }, 'createPool option threads: expected an integer from 1 to 256, got "2"'],
    [{ onWorkerError: 1 }, 'createPool option onWorkerError: expected a function, got 1'],
    [{ workers: 2 }, 'createPool option "workers": not known; the options are threads, onWorkerError'],
  ])('createPool with %j', (wrong, message) => {
    expect(errorOf(() => createPool(wrong)).message).toBe(message);
  });
});

describe('the end of a pool', () => {
  const closed = { code: 'INVALID_ARGUMENT', message: 'pool: is closed: make another with createPool' };

  it('rejects what runs and what comes later, and may come twice', async () => {
    const pool = openPool(threads, { threads: 2 });
    const running = [pool.encode(book, rows), pool.evaluate(book, rows), pool.train(rows, options)].map(rejectionOf);
    const closing = pool.close();
    for (const error of await Promise.all(running)) expect(error).toMatchObject(closed);
    await closing;
    await pool.close();
    for (const late of [pool.encode(book, rows), pool.evaluate(book, rows), pool.decode(book, codes), pool.train(rows, options)]) {
      expect(await rejectionOf(late)).toMatchObject(closed);
    }
    expect(pool.lostWorkers).toBe(0);
  });

  it('rejects what runs on workers that work already', async () => {
    const pool = openPool(threads, { threads: 2 });
    await pool.encode(book, rows);
    const running = [pool.encode(book, rows, { beam: 16 }), pool.train(rows, options)].map(rejectionOf);
    await wait(20);
    await pool.close();
    for (const error of await Promise.all(running)) expect(error).toMatchObject(closed);
  });

  it('comes by itself with await using', async () => {
    const pool = createPool({ threads: 1 });
    await pool[Symbol.asyncDispose]();
    expect(await rejectionOf(pool.encode(book, rows))).toMatchObject(closed);
  });

  it('comes before its first worker', async () => {
    await createPool().close();
  });
});

describe('an aborted training', () => {
  it('ends with the reason of the signal, and the pool works on', async () => {
    const expected = await train(rows, options);
    const pool = openPool(threads, { threads: 2 });
    const reason = new Error('enough');
    await expect(pool.train(rows, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    for (const jobs of [1, 2, 7]) {
      const controller = new AbortController();
      let given = 0;
      const stopping = watched(threads, ({ type }) => {
        if (type === 'job' && ++given === jobs) controller.abort(reason);
      });
      const other = openPool(stopping, { threads: 2 });
      await expect(other.train(rows, { ...options, signal: controller.signal })).rejects.toBe(reason);
      expect(bitsOf(await other.encode(book, rows))).toEqual(bitsOf(codes));
      expect((await other.train(rows, options)).report).toEqual(expected.report);
    }
    const controller = new AbortController();
    const told = pool.train(rows, { ...options, signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(told).rejects.toBe(reason);
    expect(bitsOf(await pool.encode(book, rows))).toEqual(bitsOf(codes));
  });
});
