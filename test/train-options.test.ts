import { describe, expect, it } from 'vitest';
import { matrix, type TrainOptions, train } from '../ts/reference/index.ts';
import { normalRows } from './support/rows.ts';

const rows = normalRows({ rows: 100, dim: 2 });
const good: TrainOptions = { stages: 1, codewords: 2, iterations: 1 };

describe('train', () => {
  it.each<[string, unknown, string]>([
    ['stages', 0, 'stages: expected an integer from 1 to 1000, got 0'],
    ['stages', undefined, 'stages: expected an integer from 1 to 1000, got undefined'],
    ['codewords', 0, 'codewords: expected an integer from 1 to 65536, got 0'],
    ['codewords', '8', 'codewords: expected an integer from 1 to 65536, got "8"'],
    ['codewords', [2, 2], 'codewords: expected a number, or one for each of the 1 stages, got an array of 2'],
    ['codewords', [0.5], 'codewords[0]: expected an integer from 1 to 65536, got 0.5'],
    ['iterations', -1, 'train option iterations: expected an integer from 0 to 10000, got -1'],
    ['iterations', 2.5, 'train option iterations: expected an integer from 0 to 10000, got 2.5'],
    ['iterations', 10_001, 'train option iterations: expected an integer from 0 to 10000, got 10001'],
    ['init', 'k-means', "train option init: expected one of 'k-means++', 'random', 'normal', got \"k-means\""],
    ['seed', 2 ** 32, 'seed: expected an integer from 0 to 4294967295, got 4294967296'],
    ['maxRowsPerCodeword', 0, 'train option maxRowsPerCodeword: expected an integer of at least 1, got 0'],
    ['tolerance', -0.1, 'train option tolerance: expected a finite number of at least 0, got -0.1'],
    ['tolerance', Number.POSITIVE_INFINITY, 'train option tolerance: expected a finite number of at least 0, got Infinity'],
    ['beam', 0, 'train option beam: expected an integer from 1 to 64, got 0'],
    ['beam', 65, 'train option beam: expected an integer from 1 to 64, got 65'],
    ['refine', -1, 'train option refine: expected an integer from 0 to 1000, got -1'],
    ['start', {}, 'train option start: expected a Codebook'],
    ['onProgress', 1, 'train option onProgress: expected a function, got 1'],
    ['signal', {}, 'train option signal: expected an AbortSignal, got an object'],
  ])('refuses %s of %o', async (name, value, message) => {
    await expect(train(rows, { ...good, [name]: value })).rejects.toMatchObject({
      name: 'RvqError',
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  it('takes beam 1, refine 0, and options that are undefined', async () => {
    const plain = await train(rows, good);
    expect(await train(rows, { ...good, beam: 1, refine: 0 })).toEqual(plain);
    expect(await train(rows, { ...good, seed: undefined, signal: undefined, start: undefined })).toEqual(plain);
    expect(plain.report.seed).toBe(1);
  });

  it('refuses options that it does not have, by name', async () => {
    // @ts-expect-error what plain JavaScript may pass
    await expect(train(rows, { ...good, iteration: 5 })).rejects.toMatchObject({ code: 'UNKNOWN_OPTION', subject: 'train option "iteration"' });
  });

  it('refuses fewer rows than codewords, and says what to do', async () => {
    await expect(train(rows, { stages: 2, codewords: [4, 101] })).rejects.toMatchObject({
      code: 'TOO_FEW_ROWS',
      message: 'vectors: 100 rows cannot train 101 codewords: give 101 rows at least, or ask for fewer codewords',
    });
    await expect(train(matrix([], 2), good)).rejects.toMatchObject({ code: 'TOO_FEW_ROWS' });
  });

  it('refuses values so large that differences would overflow', async () => {
    const data = rows.data.slice();
    data[0] = 3e38;
    await expect(train(matrix(data, 2), good)).rejects.toThrow('vectors: values up to 3.00e+38 are too large to train on: scale them below 1e36');
  });

  it('rejects, and does not throw, whatever is wrong', async () => {
    // @ts-expect-error what plain JavaScript may pass
    const promises = [train(null, good), train(rows), train(rows, null), train(rows, [])];
    for (const promise of promises) await expect(promise).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
