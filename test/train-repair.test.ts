import { describe, expect, it } from 'vitest';
import { Donors } from '../ts/kmeans/donors.ts';
import { repairEmpty } from '../ts/kmeans/repair.ts';
import { createSteps } from '../ts/kmeans/steps.ts';
import { createRandom } from '../ts/model/random.ts';
import { decode, encode, matrix, train } from '../ts/reference/index.ts';
import { normalRows } from './support/rows.ts';

const steps = createSteps(2 ** 23, undefined);

describe('repairEmpty', () => {
  it('puts an empty codeword beside the largest one, towards one of its rows, and moves no other', async () => {
    const codewords = Float32Array.of(0, 0, 100, 100, 7, 7);
    const rows = Float32Array.of(-64, 0, 64, 0, 0, 0, 100, 100);
    expect(await repairEmpty(codewords, rows, Uint16Array.of(0, 0, 0, 1), Float64Array.of(3, 1, 0), steps)).toBe(1);
    expect(Array.from(codewords)).toEqual([0, 0, 100, 100, -1, 0]);
  });

  it('gives several empty codewords different places', async () => {
    const codewords = Float32Array.of(9, 9, 0, 9);
    const rows = Float32Array.of(-64, 64, 128, -128, 0, 0, 0, 0);
    expect(await repairEmpty(codewords, rows, new Uint16Array(8).fill(2), Float64Array.of(0, 0, 8, 0), steps)).toBe(3);
    expect(Array.from(codewords)).toEqual([-1, 1, 0, 2]);
  });

  it('splits codewords in proportion to their rows', async () => {
    const codewords = new Float32Array(8);
    const random = createRandom(1);
    const rows = Float32Array.from({ length: 100 }, () => random.normal());
    const codes = Uint16Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : 1));
    codewords[1] = 1000;
    expect(await repairEmpty(codewords, rows, codes, Float64Array.of(70, 30, 0, 0, 0, 0, 0, 0), steps)).toBe(6);
    expect(Array.from(codewords).filter((value) => value > 500).length).toBe(3); // 30 rows for 3 codewords, 70 for 5
  });

  it('leaves an empty codeword where every donor has one row, or rows that equal it', async () => {
    const codewords = Float32Array.of(5, 5, 1, 1, 3, 3);
    const rows = Float32Array.of(5, 5, 5, 5, 1, 1);
    const before = codewords.slice();
    expect(await repairEmpty(codewords, rows, Uint16Array.of(0, 0, 1), Float64Array.of(2, 1, 0), steps)).toBe(0);
    expect(codewords).toEqual(before);
  });

  it('does nothing where no codeword is empty', async () => {
    const codewords = Float32Array.of(1, 2);
    expect(await repairEmpty(codewords, Float32Array.of(1, 1, 2), Uint16Array.of(0, 0, 1), Float64Array.of(2, 1), steps)).toBe(0);
  });
});

describe('Donors', () => {
  it('come in the order of a slow search for the most rows a codeword, ties to the lowest', () => {
    const random = createRandom(3);
    for (let round = 0; round < 50; round++) {
      const counts = Array.from({ length: 1 + random.below(20) }, () => random.below(12));
      const donors = new Donors(counts);
      const made = counts.map(() => 1);
      for (;;) {
        const shares = counts.map((count, k) => count / made[k]);
        const most = Math.max(...shares);
        const first = donors.first();
        if (most < 2) {
          expect(first).toBeUndefined();
          break;
        }
        const expected = shares.indexOf(most);
        expect(first?.codeword).toBe(expected);
        if (random.below(5) === 0) {
          donors.drop();
          counts[expected] = 0;
        } else {
          donors.split();
          made[expected]++;
        }
      }
    }
  });
});

describe('train', () => {
  it('counts the codewords that it repaired', async () => {
    // Normal codewords around the mean of two far groups: most of them are nearest to no row.
    const rows = matrix(Array.from({ length: 400 }, (_, i) => [i % 2 === 0 ? 1000 : -1000, i / 400]));
    const { report } = await train(rows, { stages: 1, codewords: 16, init: 'normal', iterations: 10 });
    expect(report.stages[0].repaired).toBeGreaterThan(0);
    expect(report.stages[0].dead).toBe(0);
    expect(report.mse).toBeLessThan(0.01);
  });

  it('goes on after a repair however little was gained, for the repair shows in the next iteration', async () => {
    const rows = matrix(Array.from({ length: 400 }, (_, i) => [i % 2 === 0 ? 1000 : -1000, i / 400]));
    const { report } = await train(rows, { stages: 1, codewords: 16, init: 'normal', iterations: 50, tolerance: 1 });
    expect(report.stages[0].iterations).toBeGreaterThan(2);
    expect(report.stages[0].iterations).toBeLessThan(50);
    expect(report.stages[0].dead).toBe(0);
  });

  it.each(['k-means++', 'random', 'normal'] as const)(
    'fits rows that are all equal exactly, with the other codewords dead, from %s',
    async (init) => {
      const rows = matrix(Array.from({ length: 50 }, () => [0.1, -7, 3e-5]));
      const { codebook, report } = await train(rows, { stages: 2, codewords: 4, init });
      expect(decode(codebook, encode(codebook, rows))).toEqual(rows);
      expect(report.stages.map(({ dead }) => dead)).toEqual([3, 3]);
      expect(report.warnings.join(' ')).toContain('3 of the 4 codewords of stage 0');
    },
  );

  it('fits fewer different rows than codewords exactly', async () => {
    const rows = matrix(Array.from({ length: 90 }, (_, i) => [i % 3, 0.1 * (i % 3), 5]));
    const { codebook, report } = await train(rows, { stages: 1, codewords: 8 });
    expect(decode(codebook, encode(codebook, rows))).toEqual(rows);
    expect(report.stages[0]).toMatchObject({ mse: 0, dead: 5, repaired: 0 });
  });

  it('fits rows of zeros', async () => {
    const { report } = await train(matrix(new Float32Array(40), 2), { stages: 2, codewords: 2 });
    expect(report.mse).toBe(0);
  });

  it('never raises the error by a repair', async () => {
    const errors: number[] = [];
    const rows = normalRows({ rows: 200, dim: 2 });
    const { report } = await train(rows, { stages: 1, codewords: 64, init: 'normal', iterations: 15, onProgress: ({ mse }) => errors.push(mse) });
    expect(report.stages[0].repaired).toBeGreaterThan(0);
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
  });
});
