import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkCodebook, codewordsPerStage, stageCodewords, stageOffsets } from '../ts/model/codebook.ts';
import { type Codebook, codebook, matrix, RvqError, randomCodebook } from '../ts/reference/index.ts';

/** What `act` throws, which must be an RvqError. */
function errorOf(act: () => unknown): RvqError {
  try {
    act();
  } catch (error) {
    if (error instanceof RvqError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('matrix', () => {
  it('keeps a Float32Array and counts its rows', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = matrix(data, 3);
    expect(rows).toEqual({ data, rows: 2, dim: 3 });
    expect(rows.data).toBe(data);
  });

  it('copies an array of rows, rounded to float32', () => {
    expect(
      matrix([
        [1, 0.1],
        [3, 4],
      ]),
    ).toEqual({ data: Float32Array.of(1, 0.1, 3, 4), rows: 2, dim: 2 });
  });

  it('may be empty where the dim is told', () => {
    expect(matrix([], 3)).toEqual({ data: new Float32Array(0), rows: 0, dim: 3 });
    expect(errorOf(() => matrix([])).message).toBe('data: expected at least one row, or dim, got an array of 0');
  });

  it('says what does not fit', () => {
    expect(errorOf(() => matrix(new Float32Array(1000), 128)).message).toBe('data: 1,000 values do not divide into rows of dim 128');
    expect(errorOf(() => matrix(new Float32Array(4))).message).toContain('dim: expected the number of floats a row');
    expect(errorOf(() => matrix([[1, 2], [3]])).message).toBe('data: row 1: expected an array of 2 numbers, got an array of 1');
    // @ts-expect-error what plain JavaScript may pass
    expect(errorOf(() => matrix([[1, '2']])).message).toBe('data: row 0, element 1: expected a number, got "2"');
    // @ts-expect-error what plain JavaScript may pass
    expect(errorOf(() => matrix('abc')).code).toBe('INVALID_ARGUMENT');
  });

  it.each([0, -1, 1.5, 4097, Number.NaN])('refuses dim %s', (dim) => {
    expect(errorOf(() => matrix(new Float32Array(0), dim)).message).toContain('dim: expected an integer from 1 to 4096');
  });
});

describe('codebook', () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);

  it('copies what it is given, and cannot be changed', () => {
    const codewords = [1, 2];
    const mine = Float32Array.from(data);
    const book = codebook(mine, { dim: 2, codewords });
    mine.fill(0);
    codewords[0] = 9;
    expect(book.data).toEqual(data);
    expect(book.codewords).toEqual([1, 2]);
    expect(Object.isFrozen(book) && Object.isFrozen(book.codewords)).toBe(true);
  });

  it('has an id that tells values and shapes apart, down to the sign of a zero', () => {
    const ids = [
      codebook(data, { dim: 2, codewords: [1, 2] }),
      codebook(data, { dim: 2, codewords: [2, 1] }),
      codebook(data, { dim: 2, codewords: [3] }),
      codebook(data, { dim: 3, codewords: [1, 1] }),
      codebook(new Float32Array(6), { dim: 2, codewords: [3] }),
      codebook(new Float32Array(6).fill(-0), { dim: 2, codewords: [3] }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(codebook(data, { dim: 2, codewords: [1, 2] }).id).toBe(ids[0]);
  });

  it('keeps its stages one after the other', () => {
    const book = codebook(data, { dim: 2, codewords: [1, 2] });
    expect(stageOffsets(book.codewords)).toEqual([0, 1, 3]);
    expect(stageCodewords(book, 0)).toEqual({ data: Float32Array.of(1, 2), rows: 1, dim: 2 });
    expect(stageCodewords(book, 1)).toEqual({ data: Float32Array.of(3, 4, 5, 6), rows: 2, dim: 2 });
  });

  it('says what does not fit', () => {
    expect(errorOf(() => codebook(data, { dim: 2, codewords: [1, 1] })).message).toBe(
      'data: expected 2 codewords x dim 2 = 4 values, got a Float32Array of 6',
    );
    expect(errorOf(() => codebook(data, { dim: 2, codewords: [] })).message).toContain('shape.codewords: expected an array');
    expect(errorOf(() => codebook(data, { dim: 2, codewords: [3, 0] })).message).toContain(
      'shape.codewords[1]: expected an integer from 1 to 65536, got 0',
    );
    const bad = errorOf(() => codebook(Float32Array.of(1, 2, 3, Number.NaN), { dim: 2, codewords: [2] }));
    expect(bad).toMatchObject({ code: 'NOT_FINITE', message: 'data: row 1, element 1: expected a finite float32, got NaN' });
    expect(errorOf(() => codebook(data, { dim: 2, codewords: new Array<number>(2) })).message).toContain('shape.codewords[0]: expected an integer');
    // @ts-expect-error what plain JavaScript may pass
    expect(errorOf(() => codebook([1, 2], { dim: 2, codewords: [1] })).message).toBe('data: expected a Float32Array, got an array of 2');
    // @ts-expect-error what plain JavaScript may pass
    expect(errorOf(() => codebook(data, { dim: 2, codewords: [3], stages: 1 })).code).toBe('UNKNOWN_OPTION');
  });

  it('is checked again when it was made by hand', () => {
    const book = codebook(data, { dim: 2, codewords: [1, 2] });
    expect(checkCodebook({ ...book })).toEqual(book);
    expect(errorOf(() => checkCodebook({ ...book, dim: 3 })).code).toBe('INVALID_ARGUMENT');
    expect(errorOf(() => checkCodebook({ ...book, data: data.map(() => Number.NaN) })).code).toBe('NOT_FINITE');
  });
});

describe('randomCodebook', () => {
  const options = { dim: 3, stages: 2, codewords: 4, seed: 7 };

  it('is the same for the same seed, and another for another', () => {
    expect(randomCodebook(options)).toEqual(randomCodebook({ ...options, codewords: [4, 4] }));
    expect(randomCodebook(options).id).not.toBe(randomCodebook({ ...options, seed: 8 }).id);
    expect(randomCodebook(options).id).toBe(randomCodebook(options).id);
  });

  it('takes another number of codewords for each stage', () => {
    expect(randomCodebook({ ...options, codewords: [5, 1] })).toMatchObject({ codewords: [5, 1], dim: 3 });
    expect(codewordsPerStage('train', 2, 9)).toEqual([9, 9]);
  });

  it.each<[Partial<typeof options>, string]>([
    [{ dim: 0 }, 'randomCodebook option dim: expected an integer from 1 to 4096, got 0'],
    [{ stages: 1.5 }, 'randomCodebook option stages: expected an integer from 1 to 1000, got 1.5'],
    [{ codewords: 65537 }, 'randomCodebook option codewords: expected an integer from 1 to 65536, got 65537'],
    [{ seed: -1 }, 'randomCodebook option seed: expected an integer from 0 to 4294967295, got -1'],
  ])('refuses %o', (change, message) => {
    expect(errorOf(() => randomCodebook({ ...options, ...change })).message).toBe(message);
  });

  it('refuses as many numbers of codewords as there are not stages', () => {
    expect(errorOf(() => randomCodebook({ ...options, codewords: new Array<number>(2) })).message).toContain('codewords[0]: expected an integer');
    expect(errorOf(() => randomCodebook({ ...options, codewords: [1, 2, 3] })).message).toContain('one for each of the 2 stages');
  });
});

describe('what is no codebook', () => {
  it.each<unknown>([null, undefined, 1, 'codebook', {}, { data: [1] }])('is not taken for one: %o', (value) => {
    expect(errorOf(() => checkCodebook(value as Codebook)).message).toContain('codebook: expected a Codebook');
  });
});

describe('what may have gone wrong unnoticed', () => {
  it('a hole among rows is no row', () => {
    const rows = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    delete rows[1];
    expect(() => matrix(rows)).toThrow('data: row 1: expected an array of 2 numbers, got undefined');
    expect(() => matrix(new Array(3), 2)).toThrow('data: row 0');
  });

  it('rows that are typed arrays are rows', () => {
    expect(Array.from(matrix([Float32Array.of(1, 2), Float64Array.of(3, 4)]).data)).toEqual([1, 2, 3, 4]);
  });

  it('a Float32Array of another realm is one', () => {
    const foreign = runInNewContext('new Float32Array([1, 2, 3, 4])');
    expect(matrix(foreign, 2)).toMatchObject({ rows: 2, dim: 2 });
    expect(codebook(foreign, { dim: 2, codewords: [2] }).id).toBe(codebook(Float32Array.of(1, 2, 3, 4), { dim: 2, codewords: [2] }).id);
  });
});
