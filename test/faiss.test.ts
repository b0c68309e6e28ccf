import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import { codebook, decode, encode, evaluate, matrix, pack, unpack } from '../ts/reference/index.ts';
import { encodeBy, METHODS } from './support/methods.ts';

const cases = [
  { name: 'rq4x6', codewords: [64, 64, 64, 64], beams: [1, 2, 5, 10] },
  { name: 'rq5_6_7', codewords: [32, 64, 128], beams: [1, 7] },
];
const manifest: { cases: { name: string; encode: { beam: number; sse: number }[] }[] } = JSON.parse(fixture('manifest.json').toString());
const rows = matrix(floats('xb_1000x32.f32'), 32);

describe.each(cases)('with the codebook $name of faiss', ({ name, codewords, beams }) => {
  const book = codebook(floats(`${name}.codebooks.f32`), { dim: 32, codewords });
  const errors = manifest.cases.find((each) => each.name === name)?.encode ?? [];

  it.each(beams)('encode and pack give the bytes that faiss gives at beam %i', (beam) => {
    const expected = fixture(`${name}.beam${beam}.codes.u8`);
    expect(Buffer.from(pack(encode(book, rows, { beam }), book))).toEqual(expected);
    expect(Buffer.from(pack(wasm.encode(book, rows, { beam }), book))).toEqual(expected);
    for (const method of METHODS) expect(Buffer.from(pack(encodeBy(method, book, rows, beam), book))).toEqual(expected);
  });

  it('evaluate finds the error that faiss reports', () => {
    const sse = errors.find(({ beam }) => beam === 1)?.sse ?? Number.NaN;
    expect((evaluate(book, rows).mse * 1000) / sse).toBeCloseTo(1, 5);
  });

  it.each(beams)("unpack and decode of faiss's codes at beam %i give rows with the error that faiss reports", (beam) => {
    const codes = unpack(fixture(`${name}.beam${beam}.codes.u8`), book, 1000);
    const decoded = decode(book, codes).data;
    const error = rows.data.reduce((sum, value, i) => sum + (value - decoded[i]) ** 2, 0);
    expect(error / (errors.find((each) => each.beam === beam)?.sse ?? Number.NaN)).toBeCloseTo(1, 5);
    expect(Buffer.from(pack(codes, book))).toEqual(fixture(`${name}.beam${beam}.codes.u8`));
  });
});

function fixture(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/faiss/${name}`, import.meta.url));
}

function floats(name: string): Float32Array {
  const bytes = fixture(name);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
