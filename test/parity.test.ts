// WebAssembly gives what the reference gives, bit for bit. These tests run in browsers too: test/everywhere/parity.everywhere.ts.
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import * as reference from '../ts/reference/index.ts';
import { siftBase } from './support/data.ts';
import { encodeBy, METHODS } from './support/methods.ts';
import { normalRows } from './support/rows.ts';
import { troubles } from './support/trouble.ts';

function expectSameBits(ours: Float32Array, theirs: Float32Array): void {
  const bits = ({ buffer, byteOffset, length }: Float32Array): Int32Array => new Int32Array(buffer, byteOffset, length);
  const [a, b] = [bits(ours), bits(theirs)];
  expect(a.length === b.length && a.every((value, i) => value === b[i])).toBe(true);
}

function decodedOr(decode: () => wasm.Matrix): Float32Array | string {
  try {
    return decode().data;
  } catch (error) {
    if (error instanceof wasm.RvqError && error.code === 'NOT_FINITE') return error.message;
    throw error;
  }
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

  it.each(cases)('decodes alike, or refuses alike what overflows, any prefix: $name', ({ codebook, vectors }) => {
    const codes = reference.encode(codebook, vectors);
    for (let stages = 1; stages <= codebook.codewords.length; stages++) {
      const [ours, theirs] = [wasm, reference].map(({ decode }) => decodedOr(() => decode(codebook, codes, { stages })));
      if (typeof ours === 'string' || typeof theirs === 'string') expect(ours).toBe(theirs);
      else expectSameBits(ours, theirs);
    }
  });
});

const beamShapes = [
  ...[1, 3, 8, 33].map((dim) => ({ dim, codewords: [17, 8, 9, 12], rows: 7, seed: dim, beams: [1, 2, 5, 16] })),
  { dim: 7, codewords: [70, 1, 9], rows: 66, seed: 2, beams: [7, 64] },
  { dim: 300, codewords: [16, 260], rows: 5, seed: 3, beams: [4] },
];

describe.each(beamShapes)('a beam of $beams, dim $dim, codewords $codewords', ({ beams, ...shape }) => {
  it.each(troubles(shape))('encodes alike by either method: $name', ({ codebook, vectors }) => {
    for (const beam of beams) {
      const expected = reference.encode(codebook, vectors, { beam });
      expect(wasm.encode(codebook, vectors, { beam })).toEqual(expected);
      for (const method of METHODS) expect(encodeBy(method, codebook, vectors, beam), method).toEqual(expected);
    }
  });
});

describe('a beam', () => {
  const codebook = wasm.randomCodebook({ dim: 16, stages: 4, codewords: 32, seed: 5 });

  it('evaluates alike', () => {
    const rows = normalRows({ rows: 50, dim: 16 });
    expect(wasm.evaluate(codebook, rows, { beam: 6 })).toEqual(reference.evaluate(codebook, rows, { beam: 6 }));
  });

  it('lowers the error in all', () => {
    const rows = normalRows({ rows: 2000, dim: 16 });
    const errors = [1, 2, 4, 8, 16, 32].map((beam) => wasm.evaluate(codebook, rows, { beam }).mse);
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
  });

  it('wider than the first stage is refused', () => {
    expect(() => wasm.encode(codebook, normalRows({ rows: 2, dim: 16 }), { beam: 33 })).toThrow(
      'encode option beam: expected at most 32, the codewords of the first stage, got 33',
    );
  });

  it('that may hold too little memory is told how much it needs, and does with just that', () => {
    const rows = normalRows({ rows: 3000, dim: 16 });
    const tight = (maxMemory: number) => wasm.encode(codebook, rows, { beam: 8, maxMemory });
    expect(() => tight(1000)).toThrow(/option maxMemory: expected at least [\d,]+ bytes for a beam of 8 with this codebook, got 1000/);
    const needed = Number(/least ([\d,]+)/.exec(messageOf(() => tight(1000)))?.[1].replaceAll(',', ''));
    expect(() => tight(needed - 1)).toThrow('maxMemory');
    expect(tight(needed)).toEqual(wasm.encode(codebook, rows, { beam: 8 }));
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return '';
}

describe('the two engines', () => {
  it('agree on real descriptors, over the bounds of blocks', async () => {
    const rows = siftBase(3000);
    const { codebook } = await wasm.train(rows, { stages: 4, codewords: 64, iterations: 4 });
    expect(wasm.encode(codebook, rows)).toEqual(reference.encode(codebook, rows));
    expect(wasm.evaluate(codebook, rows)).toEqual(reference.evaluate(codebook, rows));
  });

  it.each([1, 8, 33, 128])('decode alike with any number of stages, into an array of its own (dim %s)', (dim) => {
    const codebook = wasm.randomCodebook({ dim, stages: 17, codewords: 5, seed: dim });
    const codes = wasm.encode(codebook, normalRows({ rows: 700, dim }));
    for (let stages = 1; stages <= 17; stages++) {
      const { data } = wasm.decode(codebook, codes, { stages });
      expectSameBits(data, reference.decode(codebook, codes, { stages }).data);
      expect(data.buffer).toBeInstanceOf(ArrayBuffer);
      expect([data.byteOffset, data.buffer.byteLength]).toEqual([0, data.byteLength]);
      expect(structuredClone(data, { transfer: [data.buffer] })).toHaveLength(700 * dim);
      expect(data).toHaveLength(0);
    }
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

  it.each([2, 7])('train the same codebook with a beam of %i, bit for bit', async (beam) => {
    const rows = siftBase(500);
    for (const codewords of [
      [32, 7, 20],
      [3, 2, 16, 1, 8],
    ]) {
      const options = { stages: codewords.length, codewords, iterations: 5, beam, maxRowsPerCodeword: 40 };
      const ours = await wasm.train(rows, options);
      const theirs = await reference.train(rows, options);
      expectSameBits(ours.codebook.data, theirs.codebook.data);
      expect(ours).toEqual(theirs);
    }
  });

  it('train the same codebook from rows that are hard to tell apart', async () => {
    for (const { vectors } of troubles({ dim: 5, codewords: [4], rows: 60, seed: 3 })) {
      const options = { stages: 2, codewords: 8, iterations: 3 };
      if (vectors.data.some((value) => Math.abs(value) > 1e36)) continue; // refused: differences would leave float32
      expect(await wasm.train(vectors, options)).toEqual(await reference.train(vectors, options));
      expect(await wasm.train(vectors, { ...options, beam: 4 })).toEqual(await reference.train(vectors, { ...options, beam: 4 }));
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
      expect(() => verbs.encode(codebook, verbs.matrix(data, 4))).toThrow(`vectors: row ${text}, element 2: expected a finite float32, got NaN`);
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
