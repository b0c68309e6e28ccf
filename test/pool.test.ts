// A pool gives what the verbs give, bit for bit, with any number of threads.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { decode, encode, evaluate, type Matrix, matrix, randomCodebook, type TrainOptions, train } from '../ts/index.ts';
import { firstNotFinite } from '../ts/model/matrix.ts';
import { bitsOf } from './support/bits.ts';
import { siftBase } from './support/data.ts';
import { openPool, sharedRows, threads, watched } from './support/pool.ts';
import { normalRows } from './support/rows.ts';

/** Each makes several jobs, of more than one block, and its last block is not full. */
const SHAPES = [
  { dim: 128, codewords: [64, 300, 64], rows: 9000 },
  { dim: 7, codewords: [256, 256], rows: 60_000 },
  { dim: 4096, codewords: [20, 7], rows: 700 },
];

describe.each(SHAPES)('dim $dim, codewords $codewords', ({ dim, codewords, rows }) => {
  const book = randomCodebook({ dim, stages: codewords.length, codewords, seed: 3 });
  const vectors = cyclicRows(rows, dim);
  const codes = encode(book, vectors);

  it.each([1, 2, 3, 5])('gives the same with %i threads', async (count) => {
    let jobs = 0;
    const counted = watched(threads, ({ type }) => {
      if (type === 'job') jobs++;
    });
    const pool = openPool(counted, { threads: count });
    expect(bitsOf(await pool.encode(book, vectors))).toEqual(bitsOf(codes));
    expect(jobs).toBeGreaterThan(1);
    const searched = { ...vectors, data: vectors.data.subarray(0, Math.ceil(rows / 5) * dim), rows: Math.ceil(rows / 5) };
    expect(bitsOf(await pool.encode(book, searched, { beam: 5 }))).toEqual(bitsOf(encode(book, searched, { beam: 5 })));
    expect(await pool.evaluate(book, vectors)).toEqual(evaluate(book, vectors));
    expect(bitsOf(await pool.decode(book, codes))).toEqual(bitsOf(decode(book, codes)));
    expect(bitsOf(await pool.decode(book, codes, { stages: 1 }))).toEqual(bitsOf(decode(book, codes, { stages: 1 })));
    expect(pool).toMatchObject({ threads: count, lostWorkers: 0 });
  });

  it('reads shared memory where it is, and leaves what it is given as it was', async () => {
    const pool = openPool(threads);
    const shared = sharedRows(vectors);
    const within = matrix(new Float32Array(vectors.data.length + 9).subarray(4, -5), dim);
    within.data.set(vectors.data);
    for (const given of [shared, within]) {
      expect(bitsOf(await pool.encode(book, given))).toEqual(bitsOf(codes));
      expect(await pool.evaluate(book, given)).toEqual(evaluate(book, vectors));
      expect(bitsOf(given)).toEqual(bitsOf(vectors));
    }
    const data = new Uint16Array(new SharedArrayBuffer(codes.data.length * 2));
    data.set(codes.data);
    expect(bitsOf(await pool.decode(book, { ...codes, data }))).toEqual(bitsOf(decode(book, codes)));
    expect(bitsOf({ data })).toEqual(bitsOf({ data: Uint16Array.from(codes.data) }));
    expect(bitsOf(await pool.encode(structuredClone(book), vectors))).toEqual(bitsOf(codes));
  });
});

describe('a pool trains', () => {
  const rows = siftBase(9000);
  const options: TrainOptions = { stages: 2, codewords: [256, 40], iterations: 3, seed: 7 };

  it.each(['k-means++', 'random', 'normal'] as const)('the same codebook from %s, with any number of threads', async (init) => {
    const expected = await train(rows, { ...options, init });
    for (const count of [1, 2, 3, 5]) {
      const kinds = new Set<string>();
      const counted = watched(threads, (request) => {
        if (request.type === 'job') kinds.add(request.kind);
      });
      const pool = openPool(counted, { threads: count });
      const trained = await pool.train(rows, { ...options, init });
      expect(trained.report).toEqual(expected.report);
      expect(bitsOf(trained.codebook)).toEqual(bitsOf(expected.codebook));
      expect([...kinds].sort()).toEqual(init === 'normal' ? ['assignAndSum', 'extend'] : ['assign', 'assignAndSum', 'extend']);
      expect((await pool.train(sharedRows(rows), { ...options, init })).codebook.id).toBe(expected.codebook.id);
      await pool.close();
    }
  });

  it('the same where memory cannot be shared', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    expect((await openPool(threads).train(rows, options)).codebook.id).toBe((await train(rows, options)).codebook.id);
  });

  it('twice at once, on fewer rows than it has, and tells of its progress', async () => {
    const pool = openPool(threads);
    const told: number[] = [];
    const few = { ...options, maxRowsPerCodeword: 20 };
    const [first, second] = await Promise.all([
      pool.train(rows, { ...options, onProgress: ({ fraction }) => told.push(fraction) }),
      pool.train(rows, few),
    ]);
    expect(first).toEqual(await train(rows, options));
    expect(second).toEqual(await train(rows, few));
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe(1);
  });

  it('with a beam', async () => {
    const wide: TrainOptions = { stages: 3, codewords: 64, iterations: 4, beam: 3, refine: 1 };
    const uneven: TrainOptions = { stages: 3, codewords: [2, 64, 32], iterations: 4, beam: 3, maxRowsPerCodeword: 40 };
    for (const given of [wide, uneven]) expect(await openPool(threads).train(rows, given)).toEqual(await train(rows, given));
  });

  it('with stages of other sizes, trained on fewer rows than others', async () => {
    const uneven = { stages: 3, codewords: [16, 300, 1], iterations: 2, maxRowsPerCodeword: 25 };
    expect(await openPool(threads).train(rows, uneven)).toEqual(await train(rows, uneven));
  });

  it('little, without a worker', async () => {
    const few = normalRows({ rows: 300, dim: 4 });
    const pool = openPool(() => {
      throw new Error('started');
    });
    expect(await pool.train(few, { stages: 2, codewords: 8 })).toEqual(await train(few, { stages: 2, codewords: 8 }));
  });
});

describe('a pool', () => {
  it('takes codebooks by turns, more of them than its workers keep', async () => {
    const lent: string[] = [];
    const counted = watched(threads, ({ type }) => {
      if (type === 'lend' || type === 'drop') lent.push(type);
    });
    const pool = openPool(counted, { threads: 1 });
    const rows = normalRows({ rows: 50, dim: 8 });
    const books = Array.from({ length: 10 }, (_, seed) => randomCodebook({ dim: 8, stages: 2, codewords: 9, seed }));
    for (const book of [...books, books[9], books[3], books[0]]) expect(await pool.encode(book, rows)).toEqual(encode(book, rows));
    expect(lent.filter((type) => type === 'lend')).toHaveLength(11); // the last eight are kept, and then the first comes back
    expect(lent.filter((type) => type === 'drop')).toHaveLength(3);
    const all = await Promise.all(books.map((book) => pool.encode(book, rows)));
    expect(all).toEqual(books.map((book) => encode(book, rows)));
  });

  it('decodes no rows', async () => {
    const book = randomCodebook({ dim: 3, stages: 2, codewords: 4, seed: 1 });
    const none = { data: new Uint8Array(), rows: 0, stages: 2, codebookId: book.id };
    expect(await openPool(threads).decode(book, none)).toEqual(decode(book, none));
  });
});

/** Values that differ from row to row, made fast. */
function cyclicRows(rows: number, dim: number): Matrix {
  const data = Float32Array.from({ length: rows * dim }, (_, i) => (((i * 7919) % 10_007) - 5000) / 2500);
  expect(firstNotFinite(data)).toBe(-1);
  return matrix(data, dim);
}
