// Training over blocks of rows that come one after the other.
import { describe, expect, it } from 'vitest';
import { matrix as createMatrix, train as wasmTrain } from '../ts/index.ts';
import { pause } from '../ts/kmeans/steps.ts';
import { createRandom } from '../ts/model/random.ts';
import { type Matrix, type TrainOptions, train } from '../ts/reference/index.ts';
import { openPool, threads } from './support/pool.ts';
import { normalRows } from './support/rows.ts';

const rows = normalRows({ rows: 900, dim: 5 });
const options: TrainOptions = { stages: 2, codewords: 8, iterations: 3 };

/** The matrix in blocks of at most `most` rows, some of them empty. */
function cut({ data, rows, dim }: Matrix, most: number, seed = 1): Matrix[] {
  const random = createRandom(seed);
  const blocks: Matrix[] = [];
  for (let start = 0; start < rows; ) {
    const length = Math.min(rows - start, random.below(most + 1));
    blocks.push({ data: data.subarray(start * dim, (start + length) * dim), rows: length, dim });
    start += length;
  }
  return blocks;
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await pause();
    yield item;
  }
}

describe('train over a stream', () => {
  it.each([
    ['all rows', {}],
    ['more rows than are useful', { maxRowsPerCodeword: 20 }],
    ['a part held back', { heldBack: 0.2 }],
    ['a part held back of more rows than are useful', { heldBack: 0.2, maxRowsPerCodeword: 20 }],
    ['more rows than are useful, none held back', { heldBack: 0, maxRowsPerCodeword: 20 }],
    ['stages that need different numbers of rows', { codewords: [16, 4], maxRowsPerCodeword: 30 }],
  ] as const)('gives what the matrix gives, however it is cut: %s', async (_, more) => {
    const whole = await train(rows, { ...options, ...more });
    for (const most of [1, 7, 64, 900]) {
      expect(await train(cut(rows, most), { ...options, ...more })).toEqual(whole);
      expect(await train(later(cut(rows, most)), { ...options, ...more })).toEqual(whole);
    }
    expect(await wasmTrain(cut(rows, 100), { ...options, ...more })).toEqual(whole);
    for (const count of [1, 3]) {
      expect(await openPool(threads, { threads: count }).train(later(cut(rows, 100)), { ...options, ...more })).toEqual(whole);
    }
    expect(whole.report.rows).toBe(900);
  });

  it('draws from all over the stream, each row as likely as any other', async () => {
    const rising = createMatrix(
      Float32Array.from({ length: 2000 }, (_, i) => i),
      1,
    );
    let sum = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const { codebook, report } = await train(cut(rising, 50), { stages: 1, codewords: 1, maxRowsPerCodeword: 40, seed });
      expect(report).toMatchObject({ rows: 2000, rowsUsed: 40, rowsHeldBack: 5 });
      sum += codebook.data[0];
    }
    // the mean of 1,200 draws: its standard deviation is 577 / sqrt(1,200)
    expect(Math.abs(sum / 30 - 999.5)).toBeLessThan(4 * 16.7);
  });

  it('keeps no block, however many come', async () => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    async function* many(): AsyncGenerator<Matrix> {
      for (let i = 0; i < 400; i++) {
        const block = normalRows({ rows: 500, dim: 64, seed: i });
        registry.register(block.data, i);
        yield block;
      }
      for (let turn = 0; turn < 20; turn++) {
        globalThis.gc?.();
        await pause();
      }
      expect(collected).toBeGreaterThan(390);
    }
    const { report } = await wasmTrain(many(), {
      stages: 1,
      codewords: 4,
      maxRowsPerCodeword: 100,
      iterations: 1,
      signal: new AbortController().signal,
    });
    expect(report).toMatchObject({ rows: 200_000, rowsUsed: 400 });
  });

  it('copies a block before it asks for the next, so that one buffer may serve for all', async () => {
    const buffer = new Float32Array(100 * 5);
    function* reusing(): Generator<Matrix> {
      for (let start = 0; start < 900; start += 100) {
        buffer.set(rows.data.subarray(start * 5, (start + 100) * 5));
        yield { data: buffer, rows: 100, dim: 5 };
      }
    }
    expect(await train(reusing(), options)).toEqual(await train(rows, options));
  });

  it('refuses what is no block, other dims, values that are not finite and too few rows, and counts rows over all blocks', async () => {
    const block = normalRows({ rows: 50, dim: 5 });
    const bad = createMatrix([
      [1, 2, 3, 4, 5],
      [1, 2, Number.NaN, 4, 5],
    ]);
    // @ts-expect-error what plain JavaScript may pass
    await expect(train([block, [1, 2]], options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'vectors: block from row 50 on: expected a Matrix, as matrix(data, dim) makes one, got an array of 2',
    });
    await expect(train([block, normalRows({ rows: 5, dim: 4 })], options)).rejects.toMatchObject({
      code: 'DIM_MISMATCH',
      message: 'vectors: block from row 50 on: expected rows of dim 5, as the first block has, got dim 4',
    });
    await expect(train([block, block, bad], options)).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: 'vectors: row 101, element 2: expected a finite float32, got NaN',
    });
    await expect(train([], options)).rejects.toMatchObject({ code: 'TOO_FEW_ROWS', subject: 'vectors' });
    await expect(train(cut(normalRows({ rows: 7, dim: 5 }), 3), options)).rejects.toMatchObject({
      code: 'TOO_FEW_ROWS',
      message: 'vectors: 7 rows cannot train 8 codewords: give 8 rows at least, or ask for fewer codewords',
    });
  });

  it('passes on what the stream throws, and closes a stream that it leaves early', async () => {
    const broken = new Error('no more rows');
    async function* breaks(): AsyncGenerator<Matrix> {
      yield rows;
      throw broken;
    }
    await expect(train(breaks(), options)).rejects.toBe(broken);
    const closed: string[] = [];
    function* watched(): Generator<Matrix> {
      try {
        yield rows;
        yield normalRows({ rows: 5, dim: 4 });
      } finally {
        closed.push('closed');
      }
    }
    await expect(train(watched(), options)).rejects.toMatchObject({ code: 'DIM_MISMATCH' });
    await pause();
    expect(closed).toEqual(['closed']);
  });

  it('ends with the reason of the signal while it waits for a block', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    async function* stalls(): AsyncGenerator<Matrix> {
      yield rows;
      await new Promise(() => {});
    }
    const training = train(stalls(), { ...options, signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await expect(training).rejects.toBe(reason);
    let asked = 0;
    const source = {
      [Symbol.iterator]: () => ({
        next: () => {
          asked++;
          return { done: false, value: rows };
        },
      }),
    };
    await expect(train(source, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toBe(0);
  });
});
