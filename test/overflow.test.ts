// Values at the end of float32, and rows of zeros: what decode refuses and evaluate says, alike on every engine.
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import { codebook, matrix, RvqError } from '../ts/index.ts';
import { projectedCodec } from '../ts/model/codec.ts';
import * as reference from '../ts/reference/index.ts';
import { openPool, threads } from './support/pool.ts';

const HUGE = 3e38;
/** Two stages of two codewords, of dim 2; the second codewords of both are at the end of float32. */
const huge = codebook(Float32Array.of(0, 1, HUGE, 2, 0, 1, HUGE, -2), { dim: 2, codewords: [2, 2] });
const codesOf = (data: readonly number[], book: wasm.Codec = huge): wasm.Codes => ({
  data: Uint8Array.from(data),
  rows: data.length / 2,
  stages: 2,
  codebookId: book.id,
});
const ENGINES = [
  ['wasm', wasm],
  ['reference', reference],
] as const;

async function refused(decoding: () => unknown): Promise<string> {
  try {
    await decoding();
  } catch (error) {
    if (error instanceof RvqError && error.code === 'NOT_FINITE') return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

describe.each(ENGINES)('quantize with huge codewords by %s', (_, { quantize }) => {
  it('refuses a row whose codewords float32 cannot add up', async () => {
    const book = codebook(Float32Array.of(HUGE, -HUGE, HUGE, -HUGE), { dim: 1, codewords: [2, 2] });
    expect(await refused(() => quantize(book, [3.4e38]))).toBe('vector: the sum of its codewords is too large for float32 at element 0');
    expect(quantize(book, [1]).reconstruction).toEqual(Float32Array.of(0));
  });
});

describe.each(ENGINES)('decode of huge codewords by %s', (_, { decode, decodeStream }) => {
  it('refuses a row whose sum float32 cannot hold, and no other', async () => {
    expect(Array.from(decode(huge, codesOf([0, 0, 1, 0, 0, 1])).data)).toEqual(Array.from(Float32Array.of(0, 2, HUGE, 3, HUGE, -1)));
    const message = 'codes: row 2: the sum of its codewords is too large for float32 at element 0';
    expect(await refused(() => decode(huge, codesOf([0, 0, 1, 0, 1, 1])))).toBe(message);
    expect(decode(huge, codesOf([1, 1]), { stages: 1 }).data[0]).toBe(Math.fround(HUGE));
    const blocks = [codesOf([0, 0, 1, 0]), codesOf([1, 1])];
    const streamed = async () => {
      for await (const block of decodeStream(huge, blocks)) expect(block.rows).toBe(2);
    };
    expect(await refused(streamed)).toBe(message);
  });

  it('refuses it where projections make it', async () => {
    const parts = [{ input: undefined, metric: 'euclidean' as const, codec: huge, output: { from: 2, to: 2, weight: Float32Array.of(4, 0, 0, 1) } }];
    const codec = projectedCodec(2, [parts]);
    expect(decode(codec, codesOf([0, 0], codec)).data[1]).toBe(2);
    expect(await refused(() => decode(codec, codesOf([0, 0, 1, 0], codec)))).toMatch(/^codes: row 1: the sum .* at element 0$/);
  });

  it('takes sums that just fit', () => {
    const most = 2 ** 127 * (2 - 2 ** -23);
    const half = codebook(Float32Array.of(most / 2, 0, most / 2, 0), { dim: 2, codewords: [1, 1] });
    expect(decode(half, codesOf([0, 0], half)).data[0]).toBe(most);
  });
});

it('a pool refuses the same row', async () => {
  const pool = openPool(threads, { threads: 2 });
  const data = new Array(20_000).fill(0).fill(1, 14_002, 14_004);
  expect(await refused(() => pool.decode(huge, codesOf(data)))).toBe(
    'codes: row 7,001: the sum of its codewords is too large for float32 at element 0',
  );
});

describe.each(ENGINES)('evaluate by %s', (_, { evaluate }) => {
  it('says that an error over rows of zeros is infinitely large, and none is 0', () => {
    const zeros = matrix(new Float32Array(6), 2);
    const off = codebook(Float32Array.of(1, 0, 0, 0), { dim: 2, codewords: [1, 1] });
    expect(evaluate(off, zeros)).toMatchObject({ mse: 1, relativeError: Infinity, relativeErrorPerStage: [Infinity, Infinity] });
    const on = codebook(Float32Array.of(0, 0, 0, 0), { dim: 2, codewords: [1, 1] });
    expect(evaluate(on, zeros)).toMatchObject({ mse: 0, relativeError: 0 });
  });

  it('says Infinity where a difference is too large for float32', () => {
    const far = codebook(Float32Array.of(HUGE, 0), { dim: 2, codewords: [1] });
    expect(evaluate(far, matrix(Float32Array.of(-HUGE, 0), 2))).toMatchObject({ mse: Infinity, relativeError: Infinity });
  });
});
