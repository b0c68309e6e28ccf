// Streams give what the verbs give for all rows at once, however the rows are cut into blocks.
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import { type Codebook, type Codes, type Matrix, matrix, randomCodebook, type Source } from '../ts/index.ts';
import * as reference from '../ts/reference/index.ts';
import type { StreamVerbs } from '../ts/streams/verbs.ts';
import { bitsOf } from './support/bits.ts';
import { openPool, threads } from './support/pool.ts';
import { normalRows } from './support/rows.ts';

const book = randomCodebook({ dim: 6, stages: 3, codewords: [16, 300, 8], seed: 2 });
const rows = normalRows({ rows: 90, dim: 6 });

/** The verbs and their streams, wherever they run. */
const ENGINES: Record<string, () => StreamVerbs> = {
  'the root entry': () => wasm,
  'the reference': () => reference,
  'a pool': () => openPool(threads, { threads: 2 }),
};

/** The rows in blocks that end at `cuts`, any numbers in any order. */
function cut({ data, dim, rows: all }: Matrix, cuts: readonly number[]): Matrix[] {
  const ends = [...cuts.map((place) => place % (all + 1)), all].sort((a, b) => a - b);
  return ends.map((end, i) => matrix(data.slice((ends[i - 1] ?? 0) * dim, end * dim), dim));
}

function cutCodes(codes: Codes, sizes: readonly Matrix[]): Codes[] {
  let at = 0;
  return sizes.map(({ rows: count }) => {
    const data = codes.data.slice(at * codes.stages, (at + count) * codes.stages);
    at += count;
    return { ...codes, data, rows: count };
  });
}

async function* later<T>(blocks: Iterable<T>): AsyncGenerator<T> {
  for (const block of blocks) {
    await Promise.resolve();
    yield block;
  }
}

function webStream<T>(blocks: Iterable<T>): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const block of blocks) controller.enqueue(block);
      controller.close();
    },
  });
}

/** Every kind of source. The last but one is a ReadableStream as Safari has it. */
const SOURCES: Record<string, <T>(blocks: T[]) => Source<T>> = {
  'an array': (blocks) => blocks,
  promises: (blocks) => blocks.map(async (block) => block) as unknown as typeof blocks,
  'an async generator': later,
  'a ReadableStream': webStream,
  'a ReadableStream that cannot be iterated': (blocks) => {
    const stream = webStream(blocks);
    return { getReader: () => stream.getReader() } as typeof stream;
  },
  'a stream of Node': (blocks) => Readable.from(blocks, { objectMode: true }),
};

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const blocks: T[] = [];
  for await (const block of stream) blocks.push(block);
  return blocks;
}

describe.each(Object.keys(ENGINES))('streams of %s', (name) => {
  const engine = (): StreamVerbs => ENGINES[name]();

  it('give the same codes, rows and figures for any cut', async () => {
    const verbs = engine();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom(1, 3), async (cuts, beam) => {
        const blocks = cut(rows, cuts);
        const codes = wasm.encode(book, rows, { beam });
        const parts = cutCodes(codes, blocks);
        expect((await all(verbs.encodeStream(book, blocks, { beam }))).map(bitsOf)).toEqual(parts.map(bitsOf));
        const rebuilt = wasm.decode(book, codes, { stages: 2 });
        const rebuiltParts = await all(verbs.decodeStream(book, parts, { stages: 2 }));
        expect(rebuiltParts.map((part) => part.rows)).toEqual(blocks.map((block) => block.rows));
        expect(bitsOf({ data: Float32Array.from(rebuiltParts.flatMap(({ data }) => [...data])) })).toEqual(bitsOf({ data: rebuilt.data }));
        expect(await verbs.evaluateStream(book, blocks, { beam })).toEqual(wasm.evaluate(book, rows, { beam }));
      }),
      { numRuns: name === 'the reference' ? 8 : 25 },
    );
  });

  it('measure to the last bit the same where rows make many blocks of sums', async () => {
    const wide = normalRows({ rows: 300, dim: 2048 }); // 64 rows a block of sums, 256 rows at a time
    const wideBook = randomCodebook({ dim: 2048, stages: 2, codewords: 3, seed: 1 });
    const expected = wasm.evaluate(wideBook, wide);
    for (const cuts of [[], [64, 128], [1, 2, 63, 257], [256], [299]]) {
      expect(await engine().evaluateStream(wideBook, cut(wide, cuts))).toEqual(expected);
    }
  });

  it.each(Object.keys(SOURCES))('take %s', async (kind) => {
    const verbs = engine();
    const blocks = cut(rows, [20, 50]);
    const parts = cutCodes(wasm.encode(book, rows), blocks);
    expect((await all(verbs.encodeStream(book, SOURCES[kind](blocks)))).map(bitsOf)).toEqual(parts.map(bitsOf));
    expect((await all(verbs.decodeStream(book, SOURCES[kind](parts)))).map(bitsOf)).toEqual(parts.map((part) => bitsOf(wasm.decode(book, part))));
    expect(await verbs.evaluateStream(book, SOURCES[kind](blocks))).toEqual(wasm.evaluate(book, rows));
  });

  it('are piped through', async () => {
    const verbs = engine();
    const blocks = cut(rows, [20, 50]);
    const rebuilt = webStream(blocks)
      .pipeThrough(verbs.encodeStream(book))
      .pipeThrough(verbs.decodeStream(book, { stages: 1 }));
    const expected = blocks.map((block) => bitsOf(wasm.decode(book, wasm.encode(book, block), { stages: 1 })));
    expect((await all(rebuilt as unknown as AsyncIterable<Matrix>)).map(bitsOf)).toEqual(expected);
    expect((await all(Readable.from(verbs.encodeStream(book, blocks)))).length).toBe(3);
  });

  it('give nothing for nothing, and no figures', async () => {
    expect(await all(engine().encodeStream(book, []))).toEqual([]);
    expect(await all(engine().decodeStream(book, []))).toEqual([]);
    await expect(engine().evaluateStream(book, [])).rejects.toThrow('vectors: expected at least one row, got none');
  });

  it('count rows over all blocks in their errors, after what came before', async () => {
    const verbs = engine();
    const bad = cut(rows, [20, 50]);
    bad[2].data[7] = Number.NaN;
    const given: Codes[] = [];
    const reading = async () => {
      for await (const codes of verbs.encodeStream(book, bad)) given.push(codes);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'NOT_FINITE', message: 'vectors: row 51, element 1: expected a finite float32, got NaN' });
    expect(given.map((codes) => codes.rows)).toEqual([20, 30]);
    await expect(verbs.evaluateStream(book, bad)).rejects.toThrow('vectors: row 51, element 1: expected');
    const codes = cutCodes(wasm.encode(book, rows), cut(rows, [20, 50]));
    codes[1].data[3 * 5 + 2] = 8;
    await expect(all(verbs.decodeStream(book, codes))).rejects.toMatchObject({
      code: 'CODE_OUT_OF_RANGE',
      message: 'codes: row 25, stage 2: expected a codeword below 8, got 8',
    });
    await expect(all(verbs.encodeStream(book, [rows, matrix([[1, 2]])]))).rejects.toMatchObject({
      code: 'DIM_MISMATCH',
      message: 'vectors: block from row 90 on: expected rows of dim 6, as the codebook has, got dim 2',
    });
    const other: Codebook = randomCodebook({ dim: 6, stages: 3, codewords: 8, seed: 1 });
    await expect(all(verbs.decodeStream(other, codes))).rejects.toMatchObject({ code: 'CODEBOOK_MISMATCH', subject: 'codes' });
    await expect(all(verbs.encodeStream(book, [rows, Object(null)]))).rejects.toThrow('vectors: block from row 90 on: expected a Matrix');
    await expect(all(verbs.encodeStream(book, [null as unknown as Matrix]))).rejects.toThrow('vectors: expected a Matrix');
  });

  it('refuse wrong arguments at once', () => {
    const verbs = engine();
    const wrong = (value: unknown) => () => verbs.encodeStream(book, value as Matrix[]);
    expect(wrong({ beams: 2 })).toThrow('encodeStream option "beams": not known');
    expect(wrong({ beam: 17 })).toThrow('encodeStream option beam: expected at most 16');
    expect(wrong({ signal: 3 })).toThrow('encodeStream option signal: expected an AbortSignal');
    for (const value of [rows, 7, rows.data, null]) expect(wrong(value)).toThrow(/source: expected matrices one after the other: an iterable/);
    expect(() => verbs.encodeStream(book, undefined as unknown as Matrix[], { beam: 2 })).toThrow('source: expected matrices');
    expect(() => verbs.decodeStream(book, [], { stages: 4 })).toThrow('decodeStream option stages: expected an integer from 1 to 3, got 4');
    expect(() => verbs.decodeStream(Object({}), [])).toThrow('codebook: expected a Codebook');
  });
});
