import { describe, expect, it } from 'vitest';
import { checkCodes, checkError, checkSame, compareCodes, WrongAnswer } from '../bench/lib/check.ts';
import { bytesField, integerField, varint } from '../bench/peers/protobuf.ts';
import { codebook } from '../ts/model/codebook.ts';
import type { Codes } from '../ts/model/codes.ts';
import { matrix } from '../ts/model/matrix.ts';

// two stages of three codewords in one dimension; in stage 1, codewords 1 and 2 differ by one unit in the last place
const nextAfterOne = 1 + 2 ** -23;
const book = codebook(Float32Array.of(0, 10, 20, -1, 1, nextAfterOne), { dim: 1, codewords: [3, 3] });
const rows = matrix([[11], [9], [1]]);

function codes(...data: number[]): Codes {
  return { data: Uint8Array.from(data), rows: data.length / 2, stages: 2, codebookId: book.id };
}

describe('compareCodes', () => {
  const ours = codes(1, 1, 1, 0, 0, 1);

  it('finds no difference in the same codes', () => {
    expect(compareCodes(book, rows, ours, ours)).toEqual({ rows: 3, different: 0, nearTies: 0 });
    expect(checkCodes('theirs', compareCodes(book, rows, ours, ours))).toBe('same codes');
  });

  it('takes a codeword as near but for rounding as a near tie', () => {
    const difference = compareCodes(book, rows, ours, codes(1, 2, 1, 0, 0, 2));
    expect(difference).toEqual({ rows: 3, different: 2, nearTies: 2 });
    expect(checkCodes('theirs', difference)).toBe('same codes but for 2 near ties in 3 rows');
  });

  it('counts one other code in any stage against a row', () => {
    expect(compareCodes(book, rows, ours, codes(2, 0, 1, 0, 0, 0))).toEqual({ rows: 3, different: 2, nearTies: 0 });
  });

  it('refuses codes that are no near ties, and another shape', () => {
    expect(() => checkCodes('theirs', { rows: 3, different: 2, nearTies: 1 })).toThrow(
      'theirs: other codes in 2 of 3 rows, of which 1 are near ties',
    );
    expect(() => compareCodes(book, rows, ours, codes(0, 0))).toThrow(WrongAnswer);
  });
});

describe('checkError', () => {
  it('says both, and refuses one that is too large or no number', () => {
    expect(checkError('theirs', { ours: 31290, theirs: 31230, most: 1.01 })).toBe('mse 31,290 against 31,230');
    expect(() => checkError('theirs', { ours: 32000, theirs: 31230, most: 1.01 })).toThrow(WrongAnswer);
    expect(() => checkError('theirs', { ours: Number.NaN, theirs: 31230, most: 1.01 })).toThrow(WrongAnswer);
  });
});

describe('checkSame', () => {
  it('names the first value that differs', () => {
    expect(() => checkSame('theirs', [1, 2, 3], [1, 2, 3])).not.toThrow();
    expect(() => checkSame('theirs', [1, 2, 3], [1, 5, 3])).toThrow('theirs: value 1: expected 2, got 5');
    expect(() => checkSame('theirs', [1, 2, 3], [1, 2])).toThrow('expected 3 values, got 2');
  });
});

describe('the bytes of an ONNX model', () => {
  // the examples of https://protobuf.dev/programming-guides/encoding
  it('has 150 in two bytes, as field 1 and as a message in field 3', () => {
    expect([...varint(150)]).toEqual([0x96, 0x01]);
    expect([...integerField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
    expect([...bytesField(3, integerField(1, 150))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  });

  it('has strings after their length, and integers beyond 32 bits', () => {
    expect([...bytesField(2, 'testing')]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    expect([...varint(2 ** 35)]).toEqual([0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
    expect([...varint(0)]).toEqual([0]);
  });
});
