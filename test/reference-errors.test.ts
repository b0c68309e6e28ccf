import { describe, expect, it } from 'vitest';
import { type Codes, codebook, decode, type EncodeOptions, encode, evaluate, matrix, quantize, randomCodebook } from '../ts/reference/index.ts';

const book = randomCodebook({ dim: 2, stages: 2, codewords: 4, seed: 1 });
const rows = matrix([
  [1, 2],
  [3, 4],
]);

describe.each([
  ['encode', encode],
  ['evaluate', evaluate],
] as const)('%s', (name, verb) => {
  it('names row and element of what is not finite', () => {
    const data = Float32Array.of(1, 2, 3, Number.NEGATIVE_INFINITY);
    expect(() => verb(book, matrix(data, 2))).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE', message: 'vectors: row 1, element 1: expected a finite float32, got -Infinity' }),
    );
  });

  it('refuses rows of another dim', () => {
    expect(() => verb(book, matrix([[1, 2, 3]]))).toThrow(
      expect.objectContaining({ code: 'DIM_MISMATCH', message: 'vectors: expected rows of dim 2, as the codebook has, got dim 3' }),
    );
  });

  it('refuses no rows at all', () => {
    expect(() => verb(book, matrix([], 2))).toThrow('vectors: expected at least one row, got none');
  });

  it('refuses a matrix whose parts disagree, and what is none', () => {
    expect(() => verb(book, { ...rows, rows: 3 })).toThrow('vectors.data: expected 3 rows x 2 = 6 values, got a Float32Array of 4');
    // @ts-expect-error what plain JavaScript may pass
    expect(() => verb(book, [[1, 2]])).toThrow('vectors: expected a Matrix');
    // @ts-expect-error what plain JavaScript may pass
    expect(() => verb({}, rows)).toThrow('codebook: expected a Codebook');
  });

  it('refuses options that it does not have', () => {
    // @ts-expect-error what plain JavaScript may pass
    expect(() => verb(book, rows, { beams: 2 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION', subject: `${name} option "beams"` }));
    // @ts-expect-error what plain JavaScript may pass
    expect(() => verb(book, rows, 5)).toThrow(`${name} options: expected a plain object with beam, maxMemory, got 5`);
  });

  it.each([0, 65, -1, 1.5, Number.NaN, 'x', null])('refuses beam %s as no beam', (beam) => {
    expect(() => verb(book, rows, { beam } as EncodeOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', subject: `${name} option beam` }),
    );
  });

  it('takes beam 1, and an option that is undefined', () => {
    expect(verb(book, rows, { beam: 1 })).toEqual(verb(book, rows));
    expect(verb(book, rows, { beam: undefined })).toEqual(verb(book, rows));
  });
});

describe('decode', () => {
  const codes = encode(book, rows);

  it.each([0, 3, 1.5, -1, '1', null])('refuses %s stages of 2', (stages) => {
    expect(() => decode(book, codes, { stages } as { stages: number })).toThrow('decode option stages: expected an integer from 1 to 2');
  });

  it.each([undefined, 5, Symbol('id')])('refuses codes whose codebook is %s', (codebookId) => {
    expect(() => decode(book, { ...codes, codebookId } as unknown as Codes)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/^codes\.codebookId: expected a string, got /) }),
    );
  });

  it('refuses codes of another codebook', () => {
    const other = randomCodebook({ dim: 2, stages: 2, codewords: 4, seed: 2 });
    expect(() => decode(other, codes)).toThrow(expect.objectContaining({ code: 'CODEBOOK_MISMATCH' }));
  });

  it('refuses codes that exceed their stage, naming row and stage', () => {
    const data = Uint8Array.of(0, 0, 1, 4);
    expect(() => decode(book, { ...codes, data })).toThrow(
      expect.objectContaining({ code: 'CODE_OUT_OF_RANGE', message: 'codes: row 1, stage 1: expected a codeword below 4, got 4' }),
    );
  });

  it.each<[Partial<Record<keyof Codes, unknown>>, string]>([
    [{ rows: 3 }, 'codes.data: expected 3 rows x 2 stages = 6 codes, got a Uint8Array of 4'],
    [{ rows: -1 }, 'codes.rows: expected an integer of at least 0, got -1'],
    [{ stages: 4, rows: 1 }, 'codes.stages: expected 2, as the codebook has, got 4'],
    [{ data: [0, 0, 0, 0] }, 'codes: expected Codes, as encode or unpack makes them, got an object whose data is an array of 4'],
    [{ data: new Int32Array(4) }, 'codes: expected Codes, as encode or unpack makes them, got an object whose data is an Int32Array of 4'],
    [{ data: {} }, 'codes: expected Codes, as encode or unpack makes them, got an object'],
  ])('refuses codes with %o', (change, message) => {
    expect(() => decode(book, { ...codes, ...change } as Codes)).toThrow(message);
  });

  it('refuses options that it does not have', () => {
    // @ts-expect-error what plain JavaScript may pass
    expect(() => decode(book, codes, { stage: 1 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }));
  });
});

describe('quantize', () => {
  it.each([[[1]], [[1, 2, 3]], [[]]])('refuses %o, of another dim', (vector) => {
    expect(() => quantize(book, vector)).toThrow(expect.objectContaining({ code: 'DIM_MISMATCH' }));
  });

  it('refuses what is no vector of finite float32 numbers', () => {
    expect(() => quantize(book, [1, Number.NaN])).toThrow('vector: element 1: expected a finite float32, got NaN');
    expect(() => quantize(book, [1e39, 0])).toThrow('vector: element 0: expected a finite float32, got 1e+39');
    // @ts-expect-error what plain JavaScript may pass
    expect(() => quantize(book, ['1', 2])).toThrow('vector: element 0: expected a number, got "1"');
    // @ts-expect-error what plain JavaScript may pass
    expect(() => quantize(book, 3)).toThrow('vector: expected a Float32Array or an array of numbers, got 3');
  });

  it('takes a codebook of one stage and one codeword', () => {
    const one = codebook(Float32Array.of(1, 1), { dim: 2, codewords: [1] });
    expect(quantize(one, [3, 4])).toMatchObject({ indices: [0], residual: Float32Array.of(2, 3) });
  });
});
