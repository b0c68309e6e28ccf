import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumGrid } from '../ts/kmeans/sampling.ts';
import { createSteps } from '../ts/kmeans/steps.ts';
import { createRandom, sampleIndices } from '../ts/model/random.ts';
import { type Matrix, matrix } from '../ts/reference/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';

const steps = createSteps(2 ** 23, undefined);

/** Rows of dim 2 whose values differ in size by up to 2^60. */
function unevenRows(count: number): Matrix {
  const random = createRandom(2);
  return matrix(
    Float32Array.from({ length: 2 * count }, () => random.normal() * 2 ** (random.below(61) - 30)),
    2,
  );
}

function sumsOf(rows: Matrix, order: readonly number[], grid: number): Float64Array {
  const codewords = new Float32Array(2);
  const assigner = referenceKernels.createAssigner(codewords, 2, grid);
  for (const i of order) assigner.assign(rows.data.subarray(2 * i, 2 * i + 2), new Uint16Array(1));
  return assigner.sums().sums.slice();
}

describe('sumGrid', () => {
  it('is the smallest power of two that leaves the sum of so many of the largest value exact', async () => {
    const value = fc.float({ min: 2 ** -149, max: 2 ** 120, noNaN: true });
    await fc.assert(
      fc.asyncProperty(value, fc.integer({ min: 1, max: 2 ** 30 }), async (largest, added) => {
        const grid = await sumGrid(matrix(Float32Array.of(0, -largest), 1), added, steps);
        expect(Number.isInteger(Math.log2(grid))).toBe(true);
        const most = Math.min(2 ** 50, 2 ** (53 - Math.ceil(Math.log2(added))));
        expect(largest).toBeLessThanOrEqual(most * grid);
        expect(largest).toBeGreaterThan((most * grid) / 2);
      }),
    );
  });
});

describe('the grid of zeros', () => {
  it('is 1, for want of a better', async () => {
    expect(await sumGrid(matrix(new Float32Array(3), 1), 3, steps)).toBe(1);
  });
});

describe('the sums of rows', () => {
  it('are the same to the last bit in any order', async () => {
    const rows = unevenRows(500);
    const grid = await sumGrid(rows, 500, steps);
    const inOrder = sumsOf(
      rows,
      Array.from({ length: 500 }, (_, i) => i),
      grid,
    );
    for (let seed = 0; seed < 20; seed++) expect(sumsOf(rows, sampleIndices(createRandom(seed), 500, 500), grid)).toEqual(inOrder);
  });

  it('are exact, added up in BigInt in steps of the grid', async () => {
    const rows = unevenRows(500);
    const grid = await sumGrid(rows, 500, steps);
    let exact = 0n;
    for (let i = 0; i < 500; i++) exact += BigInt(roundToEven(rows.data[2 * i] / grid));
    expect(
      BigInt(
        sumsOf(
          rows,
          Array.from({ length: 500 }, (_, i) => i),
          grid,
        )[0] / grid,
      ),
    ).toBe(exact);
  });
});

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const part = value - below;
  if (part !== 0.5) return part < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
