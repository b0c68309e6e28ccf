import { describe, expect, it } from 'vitest';
import type { TrainKernels } from '../ts/kmeans/kernels.ts';
import { inSteps } from '../ts/kmeans/passes.ts';
import { trainWith } from '../ts/kmeans/train.ts';
import { evaluate, type Matrix, matrix, type TrainOptions, train } from '../ts/reference/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';
import { normalRows, rowOf } from './support/rows.ts';

/** Trains with one stage and without iterations, and notes each row that the engine is given. */
async function rowsSeen(rows: Matrix, options: TrainOptions): Promise<string[]> {
  const seen = new Set<string>();
  const kernels: TrainKernels = {
    ...referenceKernels,
    createAssigner(codewords, dim, grid) {
      const assigner = referenceKernels.createAssigner(codewords, dim, grid);
      return {
        ...assigner,
        assign(block, codes) {
          for (let i = 0; i < codes.length; i++) seen.add(rowOf({ data: block, rows: codes.length, dim }, i).join());
          return assigner.assign(block, codes);
        },
      };
    },
    createExtender(codewords, dim) {
      const extender = referenceKernels.createExtender(codewords, dim);
      return {
        ...extender,
        extend(block, entries, next, chosen) {
          for (let i = 0; i < chosen.length; i++) seen.add(rowOf({ data: block, rows: chosen.length, dim }, i).join());
          return extender.extend(block, entries, next, chosen);
        },
      };
    },
  };
  await trainWith(inSteps(kernels), rows, options);
  return [...seen];
}

describe('train', () => {
  const rows = normalRows({ rows: 1000, dim: 2 });
  const all = new Set(Array.from({ length: 1000 }, (_, i) => rowOf(rows, i).join()));

  it('uses all rows while they are not too many', async () => {
    const { report } = await train(rows, { stages: 1, codewords: 4, iterations: 1, maxRowsPerCodeword: 250 });
    expect(report).toMatchObject({ rows: 1000, rowsUsed: 1000, warnings: [] });
    expect(new Set(await rowsSeen(rows, { stages: 1, codewords: 4, iterations: 0 }))).toEqual(all);
  });

  it('draws maxRowsPerCodeword rows a codeword by seed, each once, from all over', async () => {
    const options: TrainOptions = { stages: 1, codewords: 4, iterations: 0, maxRowsPerCodeword: 40, heldBack: 0 };
    const seen = await rowsSeen(rows, options);
    expect(seen.length).toBe(160);
    for (const row of seen) expect(all.has(row)).toBe(true);
    expect(await rowsSeen(rows, options)).toEqual(seen);
    expect(new Set(await rowsSeen(rows, { ...options, seed: 2 }))).not.toEqual(new Set(seen));
    expect((await train(rows, options)).report).toMatchObject({ rows: 1000, rowsUsed: 160 });
  });

  it('gives each stage as many rows as its codewords call for, and measures the error of all used', async () => {
    const { report } = await train(rows, { stages: 3, codewords: [2, 8, 4], iterations: 2, maxRowsPerCodeword: 50 });
    expect(report.stages.map((stage) => stage.rows)).toEqual([100, 400, 200]);
    expect(report.rowsUsed).toBe(400);
  });

  it('reports the error of all rows used, where the last stage trained on fewer', async () => {
    const { codebook, report } = await train(rows, { stages: 2, codewords: [10, 2], iterations: 2, maxRowsPerCodeword: 100 });
    expect(report).toMatchObject({ rowsUsed: 1000, stages: [{ rows: 1000 }, { rows: 200 }] });
    expect(report.mse / evaluate(codebook, rows).mse).toBeCloseTo(1, 12);
    expect(report.stages[1].mse / report.mse).not.toBeCloseTo(1, 4);
  });

  it('takes the rows of a smaller stage from all over, in whatever order rows come', async () => {
    const sorted = matrix(
      Float32Array.from({ length: 1000 }, (_, i) => i),
      1,
    );
    const { codebook } = await train(sorted, { stages: 2, codewords: [1, 4], iterations: 1, maxRowsPerCodeword: 250 });
    expect(codebook.data[0]).toBeGreaterThan(400); // 250 rows: the first would have the mean 124.5
    expect(codebook.data[0]).toBeLessThan(600);
  });

  it('trains on all it can get where maxRowsPerCodeword is larger than there are rows', async () => {
    const options: TrainOptions = { stages: 2, codewords: 4, iterations: 3 };
    const once = await train(rows, { ...options, maxRowsPerCodeword: 250 });
    const more = await train(rows, { ...options, maxRowsPerCodeword: Number.MAX_SAFE_INTEGER });
    expect(more).toEqual(once);
  });

  it('warns of fewer than 39 rows a codeword, and says how many are enough', async () => {
    const few = await train(normalRows({ rows: 100, dim: 2 }), { stages: 2, codewords: 8, iterations: 1 });
    expect(few.report.warnings).toEqual([
      '100 rows trained 8 codewords, fewer than 39 a codeword: new rows will fit worse than these. Give 312 rows or more, or ask for 2 codewords or fewer.',
    ]);
    const enough = await train(normalRows({ rows: 312, dim: 2 }), { stages: 2, codewords: 8, iterations: 1 });
    expect(enough.report.warnings).toEqual([]);
  });

  it('warns where it is maxRowsPerCodeword that leaves too few', async () => {
    const { report } = await train(rows, { stages: 1, codewords: 8, iterations: 1, maxRowsPerCodeword: 20 });
    expect(report.warnings).toEqual([
      '160 rows trained 8 codewords, fewer than 39 a codeword: new rows will fit worse than these. Raise maxRowsPerCodeword, now 20: there are 1,000 rows.',
    ]);
  });

  it('names the row that is not finite as the caller counts, drawn or not', async () => {
    const data = rows.data.slice();
    data[2 * 777 + 1] = Number.NaN;
    await expect(train(matrix(data, 2), { stages: 1, codewords: 2, maxRowsPerCodeword: 1 })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: 'vectors: row 777, element 1: expected a finite float32, got NaN',
    });
  });
});
