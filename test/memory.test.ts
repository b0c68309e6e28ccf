// What the engine keeps in WebAssembly memory, and what it gives back.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { codebookHandle } from '../ts/engine/codebooks.ts';
import { getCore, guarded } from '../ts/engine/core.ts';
import { wasmKernels } from '../ts/engine/kernels.ts';
import { withMemory } from '../ts/engine/memory.ts';
import { type Codebook, codebook, decode, encode, evaluate, matrix, randomCodebook, train } from '../ts/index.ts';
import { encodeBy, METHODS } from './support/methods.ts';
import { normalRows } from './support/rows.ts';

const held = (): number => getCore().memory.buffer.byteLength;
const MEGABYTE = 1 << 20;

afterEach(() => {
  expect(held()).toBeLessThan(64 * MEGABYTE);
});

describe('memory', () => {
  it('grows by less than 16 MB for a million rows of 128 that the caller holds', () => {
    const codebook = randomCodebook({ dim: 128, stages: 2, codewords: 4, seed: 1 });
    const rows = matrix(new Float32Array(1_000_000 * 128).fill(0.5), 128);
    const before = held();
    const codes = encode(codebook, rows);
    decode(codebook, codes);
    expect(held() - before).toBeLessThan(16 * MEGABYTE);
  });

  it('does not grow from call to call', () => {
    const codebook = randomCodebook({ dim: 20, stages: 3, codewords: 50, seed: 1 });
    const rows = normalRows({ rows: 3000, dim: 20 });
    const once = (): void => {
      decode(codebook, encode(codebook, rows));
      evaluate(codebook, rows);
    };
    once();
    const before = held();
    for (let i = 0; i < 50; i++) once();
    expect(held()).toBe(before);
  });

  it('does not grow from training to training', async () => {
    const rows = normalRows({ rows: 2000, dim: 16 });
    await train(rows, { stages: 2, codewords: 64, iterations: 2 });
    const before = held();
    for (let i = 0; i < 8; i++) await train(rows, { stages: 2, codewords: 64, iterations: 2 });
    expect(held() - before).toBeLessThanOrEqual(65536);
  });

  it('gives back what training held when it is aborted or onProgress throws', async () => {
    const rows = normalRows({ rows: 2000, dim: 16 });
    const options = { stages: 4, codewords: 128 };
    const aborted = async (): Promise<void> => {
      const controller = new AbortController();
      await expect(train(rows, { ...options, signal: controller.signal, onProgress: () => controller.abort() })).rejects.toThrow('abort');
      const failing = train(rows, {
        ...options,
        onProgress: () => {
          throw new Error('mine');
        },
      });
      await expect(failing).rejects.toThrow('mine');
    };
    await aborted();
    const before = held();
    for (let i = 0; i < 8; i++) await aborted();
    expect(held() - before).toBeLessThanOrEqual(65536);
  });

  it('gives codebooks back when they are collected', async () => {
    const rows = normalRows({ rows: 2, dim: 256 });
    const use = (seed: number): void => {
      encode(randomCodebook({ dim: 256, stages: 1, codewords: 2048, seed }), rows); // 3 MB in the core
    };
    const collect = globalThis.gc;
    if (collect === undefined) throw new Error('run with --expose-gc');
    for (let seed = 0; seed < 60; seed++) {
      use(seed);
      if (seed % 4 === 3) {
        collect();
        await wait(0); // finalizers run as tasks of their own
      }
    }
    expect(held()).toBeLessThan(64 * MEGABYTE);
  });

  it('gives back what a failing call reserved', () => {
    const before = held();
    for (let i = 0; i < 100; i++) {
      expect(() =>
        withMemory(({ reserve }) => {
          reserve(MEGABYTE);
          throw new Error('mine');
        }),
      ).toThrow('mine');
    }
    expect(held() - before).toBeLessThanOrEqual(2 * MEGABYTE);
  });

  it('refuses what does not fit with a clear error, and works on', () => {
    expect(() => withMemory(({ reserve }) => [reserve(2 ** 31 - 1), reserve(2 ** 31 - 1)])).toThrow(
      /WebAssembly memory: cannot grow by 2,147,483,647 bytes/,
    );
    guarded(() => undefined);
    const codebook = randomCodebook({ dim: 3, stages: 2, codewords: 4, seed: 1 });
    expect(encode(codebook, normalRows({ rows: 3, dim: 3 })).rows).toBe(3);
  });

  it('starts anew after the core trapped, with codebooks that were resident before', () => {
    const codebook: Codebook = randomCodebook({ dim: 3, stages: 2, codewords: 4, seed: 1 });
    const rows = normalRows({ rows: 3, dim: 3 });
    const expected = encode(codebook, rows);
    const assigner = wasmKernels.createAssigner(codebook.data.subarray(0, 12), 3, 1);
    const core = getCore();
    expect(() => guarded((c) => c.decode(0, -16, 1, 1000, 1, -16))).toThrow(/WebAssembly core: stopped/);
    expect(getCore()).not.toBe(core);
    assigner.close(); // of an instance that is gone
    expect(encode(codebook, rows)).toEqual(expected);
  });
});

describe('beam search', () => {
  const SHAPES = [
    { dim: 128, codewords: [256, 256, 256, 256], beam: 64, rows: 1000 },
    { dim: 16, codewords: [1024, 512], beam: 5, rows: 3000 },
    { dim: 1000, codewords: [40, 300, 7], beam: 40, rows: 150 },
    { dim: 2, codewords: new Array<number>(60).fill(32), beam: 32, rows: 5000 },
  ];
  const cases = SHAPES.flatMap((shape) => METHODS.map((method) => ({ ...shape, method })));

  it.each(cases)('by $method, dim $dim, beam $beam, holds no more than it says', ({ dim, codewords, beam, rows, method }) => {
    expect(() => guarded((core) => core.decode(0, -16, 1, 1000, 1, -16))).toThrow('stopped'); // the next instance begins with little memory
    const book = randomCodebook({ dim, stages: codewords.length, codewords, seed: 1 });
    const vectors = normalRows({ rows, dim });
    encode(book, vectors); // the codebook and a block of rows are there
    const before = held();
    const said = withMemory((scope) => scope.core.beam_memory(codebookHandle(scope, book), beam, method === 'tables' ? 1 : 2));
    const block = vectors.data.byteLength + rows * codewords.length * 2; // encodeBy has all rows in one
    encodeBy(method, book, vectors, beam);
    expect(held() - before).toBeLessThanOrEqual(said + block + MEGABYTE); // the allocator's rounding
  });

  it.each(METHODS)('by %s, holds no more than it says where scores tell no continuations apart', (method) => {
    expect(() => guarded((core) => core.decode(0, -16, 1, 1000, 1, -16))).toThrow('stopped');
    const [dim, beam] = [2, 256];
    const book = codebook(new Float32Array((256 + 2049) * dim).fill(1), { dim, codewords: [256, 2049] });
    const vectors = normalRows({ rows: 2, dim });
    encode(book, vectors);
    const before = held();
    const said = withMemory((scope) => scope.core.beam_memory(codebookHandle(scope, book), beam, method === 'tables' ? 1 : 2));
    encodeBy(method, book, vectors, beam);
    expect(held() - before).toBeLessThanOrEqual(said + MEGABYTE);
  });

  it('stays within maxMemory by the method that it chooses', () => {
    for (const { dim, codewords, beam, rows } of SHAPES) {
      expect(() => guarded((core) => core.decode(0, -16, 1, 1000, 1, -16))).toThrow('stopped');
      const book = randomCodebook({ dim, stages: codewords.length, codewords, seed: 1 });
      const vectors = normalRows({ rows, dim });
      encode(book, vectors);
      const before = held();
      const least = withMemory((scope) => scope.core.beam_memory(codebookHandle(scope, book), beam, 2));
      expect(() => encode(book, vectors, { beam, maxMemory: Math.floor(least) - 1 })).toThrow('encode option maxMemory');
      encode(book, vectors, { beam, maxMemory: Math.ceil(least) });
      expect(held() - before).toBeLessThanOrEqual(least + MEGABYTE);
    }
  });
});

describe('a codebook that is not frozen', () => {
  it('is taken anew when it got another shape, and never read beyond what it was', () => {
    const rows = normalRows({ rows: 50, dim: 8 });
    const clone: { -readonly [K in keyof Codebook]: Codebook[K] } = structuredClone(randomCodebook({ dim: 8, stages: 64, codewords: 2, seed: 1 }));
    encode(clone, rows);
    clone.codewords = [2];
    clone.data = clone.data.slice(0, 16);
    expect(encode(clone, rows).data).toEqual(encode(codebook(clone.data, { dim: 8, codewords: [2] }), rows).data);
    const codewords = [4, 4];
    const frozen = Object.freeze({ ...randomCodebook({ dim: 8, stages: 2, codewords: 4, seed: 1 }), codewords });
    encode(frozen, rows);
    codewords.push(500);
    expect(() => encode(frozen, rows)).toThrow('expected 508 codewords');
  });

  it('leaves nothing behind that a trapped core would be asked to close', async () => {
    const rows = normalRows({ rows: 3, dim: 3 });
    for (let seed = 0; seed < 20; seed++) encode(randomCodebook({ dim: 3, stages: 2, codewords: 4, seed }), rows);
    expect(() => guarded((core) => core.decode(0, -16, 1, 1000, 1, -16))).toThrow(/WebAssembly core: stopped/);
    globalThis.gc?.();
    await wait(20);
    expect(encode(randomCodebook({ dim: 3, stages: 2, codewords: 4, seed: 1 }), rows).rows).toBe(3);
  });
});
