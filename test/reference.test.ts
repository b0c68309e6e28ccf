import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stageCodewords } from '../ts/model/codebook.ts';
import { type Codebook, codebook, decode, encode, evaluate, type Matrix, matrix, quantize, randomCodebook } from '../ts/reference/index.ts';
import { normalRows, rowOf, slowDistance, slowEncode } from './support/rows.ts';

function stagesOf(book: Codebook): Matrix[] {
  return book.codewords.map((_, stage) => stageCodewords(book, stage));
}

describe('encode', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 130])('follows the definition at dim %i', (dim) => {
    const book = randomCodebook({ dim, stages: 3, codewords: [5, 1, 9], seed: dim });
    const rows = normalRows({ rows: 20, dim });
    const codes = encode(book, rows);
    expect(codes).toMatchObject({ rows: 20, stages: 3, codebookId: book.id });
    expect(codes.data).toBeInstanceOf(Uint8Array);
    for (let row = 0; row < 20; row++) {
      expect(Array.from(codes.data.subarray(row * 3, row * 3 + 3))).toEqual(slowEncode(rowOf(rows, row), stagesOf(book)).indices);
    }
  });

  it('follows the definition on small whole numbers, where ties are everywhere, and gives them to the lowest index', () => {
    const value = fc.integer({ min: -2, max: 2 });
    const shape = fc.record({
      dim: fc.integer({ min: 1, max: 6 }),
      codewords: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(shape, fc.infiniteStream(value), ({ dim, codewords }, values) => {
        const take = (length: number): Float32Array => Float32Array.from({ length }, () => Number(values.next().value));
        const book = codebook(take(codewords.reduce((a, b) => a + b, 0) * dim), { dim, codewords });
        const rows = matrix(take(4 * dim), dim);
        const expected = [0, 1, 2, 3].flatMap((row) => slowEncode(rowOf(rows, row), stagesOf(book)).indices);
        expect(Array.from(encode(book, rows).data)).toEqual(expected);
      }),
    );
  });

  it('rounds differences to float32 and adds their squares in four sums, where that decides', () => {
    // 2^53 + 1 is no float64, so squares of 1 are lost beside a square of 2^54 in the same sum, and kept in another one.
    const book = codebook(Float32Array.of(2 ** 27, 0, 0, 0, 1, 0, 2 ** 27, 1, 0, 0, 0, 0), { dim: 6, codewords: [2] });
    const row = new Float32Array(6);
    expect(slowDistance(Array.from(row), rowOf(stagesOf(book)[0], 0))).toBe(2 ** 54);
    expect(encode(book, matrix(row, 6)).data[0]).toBe(0);
    // float32(1 - 2^-30) is 1: both codewords are at the same distance, and the first wins.
    const near = codebook(Float32Array.of(2 ** -30, 2 ** -31), { dim: 1, codewords: [2] });
    expect(encode(near, matrix([[1]])).data[0]).toBe(0);
  });

  it('takes codeword 0 where every distance overflows', () => {
    const huge = 3e38;
    const book = codebook(Float32Array.of(huge, huge, huge, huge), { dim: 2, codewords: [2] });
    expect(encode(book, matrix([[-huge, -huge]])).data[0]).toBe(0);
  });

  it('lets an overflowing distance lose to any other', () => {
    const book = codebook(Float32Array.of(3e38, 0), { dim: 1, codewords: [2] });
    expect(encode(book, matrix([[-3e38]])).data[0]).toBe(1);
  });

  it('tells subnormal codewords apart', () => {
    const book = codebook(Float32Array.of(1e-44, 3e-45, 1.4e-45), { dim: 1, codewords: [3] });
    expect(Array.from(encode(book, matrix([[1.2e-44], [2.8e-45], [0]])).data)).toEqual([0, 1, 2]);
  });

  it('gives two bytes a code where a stage has more than 256 codewords', () => {
    const book = randomCodebook({ dim: 1, stages: 2, codewords: [257, 2], seed: 3 });
    expect(encode(book, normalRows({ rows: 3, dim: 1 })).data).toBeInstanceOf(Uint16Array);
  });

  it('leaves the rows and the codebook as they were', () => {
    const book = randomCodebook({ dim: 4, stages: 2, codewords: 4, seed: 1 });
    const rows = normalRows({ rows: 10, dim: 4 });
    const [bookBefore, rowsBefore] = [book.data.slice(), rows.data.slice()];
    encode(book, rows);
    evaluate(book, rows);
    expect(book.data).toEqual(bookBefore);
    expect(rows.data).toEqual(rowsBefore);
  });
});

describe('decode', () => {
  const book = randomCodebook({ dim: 5, stages: 4, codewords: [3, 8, 1, 300], seed: 9 });
  const rows = normalRows({ rows: 12, dim: 5 });
  const codes = encode(book, rows);

  it.each([1, 2, 3, 4])('adds the codewords of the first %i stages in float32', (stages) => {
    const decoded = decode(book, codes, { stages });
    for (let row = 0; row < 12; row++) {
      const chosen = stagesOf(book).map((codewords, stage) => rowOf(codewords, codes.data[row * 4 + stage]));
      const [first, ...others] = chosen.slice(0, stages);
      const expected = others.reduce((sum, codeword) => sum.map((value, j) => Math.fround(value + codeword[j])), first);
      expect(rowOf(decoded, row)).toEqual(expected);
    }
  });

  it('takes all stages when not told otherwise', () => {
    expect(decode(book, codes)).toEqual(decode(book, codes, { stages: 4 }));
  });

  it('keeps the sign of a zero of the first stage', () => {
    const zeros = codebook(Float32Array.of(-0), { dim: 1, codewords: [1] });
    expect(Object.is(decode(zeros, encode(zeros, matrix([[1]]))).data[0], -0)).toBe(true);
  });

  it('makes an empty matrix of codes without rows', () => {
    expect(decode(book, { data: new Uint16Array(0), rows: 0, stages: 4, codebookId: book.id })).toEqual({
      data: new Float32Array(0),
      rows: 0,
      dim: 5,
    });
  });
});

describe('quantize', () => {
  const book = randomCodebook({ dim: 3, stages: 4, codewords: 6, seed: 5 });

  it('shows what encode chose and decode adds up', () => {
    const x = [0.5, -1.25, 2.2];
    const row = matrix([x]);
    const shown = quantize(book, x);
    const expected = slowEncode(rowOf(row, 0), stagesOf(book));
    expect(shown.indices).toEqual(Array.from(encode(book, row).data));
    expect(shown.indices).toEqual(expected.indices);
    expect(shown.residuals.map((residual) => Array.from(residual))).toEqual(expected.residuals);
    expect(Array.from(shown.residual)).toEqual(expected.residuals[3]);
    expect(shown.codewords.map((codeword) => Array.from(codeword))).toEqual(expected.indices.map((k, m) => rowOf(stagesOf(book)[m], k)));
    expect(shown.reconstruction).toEqual(decode(book, encode(book, row)).data);
    expect(x).toEqual([0.5, -1.25, 2.2]);
  });

  it('takes a Float32Array alike, and gives copies that may be changed', () => {
    const x = Float32Array.of(0.5, -1.25, 2.5);
    const shown = quantize(book, x);
    expect(shown).toEqual(quantize(book, [0.5, -1.25, 2.5]));
    const before = book.data.slice();
    for (const array of [...shown.codewords, shown.reconstruction, shown.residual]) array.fill(7);
    expect(book.data).toEqual(before);
    expect(Array.from(x)).toEqual([0.5, -1.25, 2.5]);
    expect(shown.residuals[3]).not.toEqual(shown.residual);
  });
});

describe('evaluate', () => {
  it('measures the error after every stage, in any shape, as sums over blocks of rows', () => {
    const dim = 2048; // blocks of 64 rows
    const book = randomCodebook({ dim, stages: 2, codewords: [2, 3], seed: 6 });
    const rows = normalRows({ rows: 130, dim });
    const result = evaluate(book, rows);
    const all = Array.from({ length: 130 }, (_, row) => slowEncode(rowOf(rows, row), stagesOf(book)).errors);
    const zero = new Array<number>(dim).fill(0);
    const norms = Array.from({ length: 130 }, (_, row) => slowDistance(rowOf(rows, row), zero));
    const inBlocks = (values: number[]): number =>
      [values.slice(0, 64), values.slice(64, 128), values.slice(128)].map(total).reduce((a, b) => a + b, 0);
    const errors = [0, 1].map((stage) => inBlocks(all.map((row) => row[stage])));
    expect(result.msePerStage).toEqual(errors.map((error) => error / 130));
    expect(result.relativeErrorPerStage).toEqual(errors.map((error) => error / inBlocks(norms)));
    expect(result.mse).toBe(result.msePerStage[1]);
    expect(result.relativeError).toBe(result.relativeErrorPerStage[1]);
    expect(result).toMatchObject({ rows: 130, dim, stages: 2, codewords: [2, 3], bitsPerRow: 3 });
  });

  it('agrees with the rows that decode gives', () => {
    const book = randomCodebook({ dim: 6, stages: 3, codewords: 8, seed: 2 });
    const rows = normalRows({ rows: 50, dim: 6 });
    const decoded = decode(book, encode(book, rows)).data;
    const error = rows.data.reduce((sum, value, i) => sum + (value - decoded[i]) ** 2, 0);
    expect(evaluate(book, rows).mse).toBeCloseTo(error / 50, 5);
  });

  it('counts dead codewords and how evenly the others are used', () => {
    const book = codebook(Float32Array.of(0, 1, 2, 100, 0), { dim: 1, codewords: [4, 1] });
    const result = evaluate(book, matrix([[0], [0], [1], [2]]));
    expect(result.deadPerStage).toEqual([1, 0]);
    expect(result.entropyPerStage).toEqual([0.75, 1]);
    expect(result.mse).toBe(0);
  });

  it('gives an infinite relative error to rows that are all zero, where it is not 0', () => {
    const book = codebook(Float32Array.of(1, 2), { dim: 1, codewords: [2] });
    expect(evaluate(book, matrix([[0], [0]]))).toMatchObject({ mse: 1, relativeError: Infinity, relativeErrorPerStage: [Infinity] });
  });
});

function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
