// WebAssembly gives what the reference gives, bit for bit.
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import * as reference from '../ts/reference/index.ts';
import { siftBase } from './support/data.ts';
import { normalRows } from './support/rows.ts';
import { troubles } from './support/trouble.ts';

function expectSameBits(ours: Float32Array, theirs: Float32Array): void {
  expect(Buffer.from(ours.buffer, ours.byteOffset, ours.byteLength).equals(Buffer.from(theirs.buffer, theirs.byteOffset, theirs.byteLength))).toBe(
    true,
  );
}

const shapes = [
  ...[1, 2, 3, 5, 8, 13, 31, 64, 129].map((dim) => ({ dim, codewords: [17, 8, 9], rows: 9, seed: dim })),
  ...[1, 2, 7, 9, 255, 257].map((count) => ({ dim: 12, codewords: [count, 1, count], rows: 7, seed: count })),
  ...[1, 3, 65, 130].map((rows) => ({ dim: 6, codewords: [16, 300], rows, seed: rows })),
  { dim: 4096, codewords: [12], rows: 5, seed: 1 },
];

describe.each(shapes)('dim $dim, codewords $codewords, $rows rows', (shape) => {
  const cases = troubles(shape);

  it.each(cases)('encodes and evaluates alike: $name', ({ codebook, vectors }) => {
    const before = vectors.data.slice();
    const ours = wasm.encode(codebook, vectors);
    expect(ours).toEqual(reference.encode(codebook, vectors));
    expect(wasm.evaluate(codebook, vectors)).toEqual(reference.evaluate(codebook, vectors));
    expectSameBits(vectors.data, before);
  });

  it.each(cases)('decodes alike, any prefix: $name', ({ codebook, vectors }) => {
    const codes = reference.encode(codebook, vectors);
    for (let stages = 1; stages <= codebook.codewords.length; stages++) {
      expectSameBits(wasm.decode(codebook, codes, { stages }).data, reference.decode(codebook, codes, { stages }).data);
    }
  });
});

describe('the two engines', () => {
  it('agree on real descriptors, over the bounds of blocks', async () => {
    const rows = siftBase(3000);
    const { codebook } = await wasm.train(rows, { stages: 4, codewords: 64, iterations: 4 });
    expect(wasm.encode(codebook, rows)).toEqual(reference.encode(codebook, rows));
    expect(wasm.evaluate(codebook, rows)).toEqual(reference.evaluate(codebook, rows));
  });

  it('agree with 65,536 codewords', () => {
    const codebook = wasm.randomCodebook({ dim: 3, stages: 1, codewords: 65536, seed: 4 });
    const rows = normalRows({ rows: 30, dim: 3 });
    const codes = wasm.encode(codebook, rows);
    expect(codes.data).toBeInstanceOf(Uint16Array);
    expect(codes).toEqual(reference.encode(codebook, rows));
  });

  it.each(['k-means++', 'random', 'normal'] as const)('train the same codebook from %s, bit for bit', async (init) => {
    const rows = siftBase(900);
    const options = { stages: 3, codewords: [32, 7, 20], iterations: 5, init, seed: 7 };
    const ours = await wasm.train(rows, options);
    const theirs = await reference.train(rows, options);
    expectSameBits(ours.codebook.data, theirs.codebook.data);
    expect(ours).toEqual(theirs);
  });

  it('train the same codebook from rows that are hard to tell apart', async () => {
    for (const { vectors } of troubles({ dim: 5, codewords: [4], rows: 60, seed: 3 })) {
      const options = { stages: 2, codewords: 8, iterations: 3 };
      if (vectors.data.some((value) => Math.abs(value) > 1e36)) continue; // refused: differences would leave float32
      expect(await wasm.train(vectors, options)).toEqual(await reference.train(vectors, options));
    }
  });

  it('quantize a row alike', () => {
    const codebook = wasm.randomCodebook({ dim: 9, stages: 5, codewords: 12, seed: 3 });
    const row = Float32Array.from({ length: 9 }, (_, j) => Math.sin(j));
    expect(wasm.quantize(codebook, row)).toEqual(reference.quantize(codebook, row));
  });
});

describe.each([
  ['WebAssembly', wasm],
  ['reference', reference],
])('%s', (_, verbs) => {
  const codebook = verbs.randomCodebook({ dim: 4, stages: 2, codewords: 8, seed: 1 });

  it('names the row and element of a NaN, in any block', () => {
    for (const row of [0, 1, 32767, 32768, 40000]) {
      const data = new Float32Array(40001 * 4);
      data[row * 4 + 2] = Number.NaN;
      const text = row > 999 ? `${Math.floor(row / 1000)},${String(row % 1000).padStart(3, '0')}` : String(row);
      expect(() => verbs.encode(codebook, verbs.matrix(data, 4))).toThrow(`vectors: row ${text}, element 2: expected a finite number, got NaN`);
      expect(() => verbs.evaluate(codebook, verbs.matrix(data, 4))).toThrow(`row ${text}, element 2`);
    }
  });

  it('takes a codebook and codes that went through a structured clone', () => {
    const rows = normalRows({ rows: 5, dim: 4 });
    const codes = verbs.encode(structuredClone(codebook), rows);
    expect(codes).toEqual(verbs.encode(codebook, rows));
    expect(verbs.decode(codebook, structuredClone(codes))).toEqual(verbs.decode(codebook, codes));
  });

  it('takes rows in shared memory and rows that begin within a buffer', () => {
    const rows = normalRows({ rows: 5, dim: 4 });
    const shared = new Float32Array(new SharedArrayBuffer(80));
    shared.set(rows.data);
    const within = new Float32Array(30).subarray(7, 27);
    within.set(rows.data);
    const expected = verbs.encode(codebook, rows);
    expect(verbs.encode(codebook, verbs.matrix(shared, 4))).toEqual(expected);
    expect(verbs.encode(codebook, verbs.matrix(within, 4))).toEqual(expected);
  });
});
