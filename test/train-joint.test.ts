import { describe, expect, it } from 'vitest';
import { wasmKernels } from '../ts/engine/kernels.ts';
import { coordinates, eigenvectors, principalAxes } from '../ts/kmeans/axes.ts';
import { longerPaths } from '../ts/kmeans/encoding.ts';
import { inSteps } from '../ts/kmeans/passes.ts';
import { createReviver } from '../ts/kmeans/revive.ts';
import { firstOfGroups } from '../ts/kmeans/sampling.ts';
import { solveCodewords } from '../ts/kmeans/solve.ts';
import { createSteps } from '../ts/kmeans/steps.ts';
import { createRandom } from '../ts/model/random.ts';
import { matrix } from '../ts/reference/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';
import { normalRows } from './support/rows.ts';

const steps = createSteps(2 ** 23, undefined);

/** Places of rows in stages of so many codewords each. */
function randomPlaces(rows: number, stages: number, codewords: number): Uint32Array {
  const random = createRandom(5);
  return Uint32Array.from({ length: rows * stages }, (_, i) => (i % stages) * codewords + random.below(codewords));
}

describe('eigenvectors', () => {
  it.each([1, 2, 3, 7, 40])('are at right angles and keep their direction, of %i dims', (size) => {
    const random = createRandom(size);
    const values = new Float64Array(size * size);
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) values[i * size + j] = values[j * size + i] = random.normal();
    const vectors = eigenvectors(values.slice(), size);
    const row = (i: number) => vectors.subarray(i * size, (i + 1) * size);
    for (let a = 0; a < size; a++) {
      const turned = Array.from({ length: size }, (_, i) => row(a).reduce((sum, value, j) => sum + values[i * size + j] * value, 0));
      const value = turned.reduce((sum, x, i) => sum + x * row(a)[i], 0);
      for (const [i, x] of turned.entries()) expect(x).toBeCloseTo(value * row(a)[i], 10);
      for (let b = 0; b <= a; b++) expect(row(a).reduce((sum, x, j) => sum + x * row(b)[j], 0)).toBeCloseTo(a === b ? 1 : 0, 10);
    }
  });

  it('of zeros and of equal values are still a basis', () => {
    for (const matrixOf of [() => 0, (i: number, j: number) => (i === j ? 3 : 0), () => 1]) {
      const vectors = eigenvectors(
        Float64Array.from({ length: 16 }, (_, i) => matrixOf(i >> 2, i & 3)),
        4,
      );
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b <= a; b++) {
          const product = [0, 1, 2, 3].reduce((sum, j) => sum + vectors[4 * a + j] * vectors[4 * b + j], 0);
          expect(product).toBeCloseTo(a === b ? 1 : 0, 12);
        }
      }
    }
  });
});

describe('the sums of a joint solution', () => {
  it('are the same in WebAssembly and the reference, bit for bit', () => {
    for (const [dim, stages] of [
      [1, 1],
      [3, 2],
      [8, 5],
      [17, 3],
    ]) {
      const rows = normalRows({ rows: 50, dim });
      const places = randomPlaces(50, stages, 6);
      const from = Float64Array.from(normalRows({ rows: 6 * stages, dim, seed: 2 }).data);
      for (const values of [undefined, rows.data]) {
        const [ours, theirs] = [new Float64Array(from.length).fill(0.1), new Float64Array(from.length).fill(0.1)];
        wasmKernels.spread(places, { stages, dim }, from, ours, values);
        referenceKernels.spread(places, { stages, dim }, from, theirs, values);
        expect(ours).toEqual(theirs);
      }
    }
  });
});

describe('solveCodewords', () => {
  const [dim, stages, codewords] = [4, 2, 5];
  const rows = normalRows({ rows: 300, dim });
  const places = randomPlaces(300, stages, codewords);
  const data = normalRows({ rows: stages * codewords, dim, seed: 3 }).data.map((value) => value / 4);
  const problem = { rows, places, codewords: [codewords, codewords] };
  const engine = inSteps(referenceKernels);

  /** Rows' squared error, and the pull of each coordinate to the mean of its stage as it was. */
  function objective(values: Float32Array, weights: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < rows.rows; i++) {
      for (let j = 0; j < dim; j++) {
        let left = rows.data[i * dim + j];
        for (let m = 0; m < stages; m++) left -= values[places[i * stages + m] * dim + j];
        sum += left * left;
      }
    }
    for (let m = 0; m < stages; m++) {
      for (let j = 0; j < dim; j++) {
        let [mean, count] = [0, 0];
        for (let i = 0; i < rows.rows; i++) mean += data[places[i * stages + m] * dim + j];
        mean /= rows.rows;
        for (; count < codewords; count++) sum += weights[j] * (values[(m * codewords + count) * dim + j] - mean) ** 2;
      }
    }
    return sum;
  }

  it('finds what no small step betters', async () => {
    const weights = Float64Array.of(0.5, 3, 10, 40);
    const solved = await solveCodewords(engine, data, problem, { axes: coordinates(dim), weights, most: 40, steps });
    const least = objective(solved, weights);
    expect(least).toBeLessThan(objective(data, weights));
    for (let i = 0; i < solved.length; i++) {
      for (const step of [-0.01, 0.01]) {
        const moved = solved.slice();
        moved[i] += step;
        expect(objective(moved, weights)).toBeGreaterThan(least);
      }
    }
  });

  it('along axes of equal weight comes to the same as along the coordinates', async () => {
    const weights = new Float64Array(dim).fill(7);
    const [turned, plain] = await Promise.all(
      [await principalAxes(rows, steps), coordinates(dim)].map((axes) => solveCodewords(engine, data, problem, { axes, weights, most: 40, steps })),
    );
    for (let i = 0; i < plain.length; i++) expect(turned[i]).toBeCloseTo(plain[i], 5);
  });

  it('leaves codewords without rows or weight where they are, and data unchanged', async () => {
    const before = data.slice();
    const alone = { ...problem, places: Uint32Array.from(places, (place) => (place === 3 ? 2 : place)) };
    const solved = await solveCodewords(engine, data, alone, { axes: coordinates(dim), weights: new Float64Array(dim), most: 10, steps });
    expect(solved.subarray(3 * dim, 4 * dim)).toEqual(data.subarray(3 * dim, 4 * dim));
    expect(data).toEqual(before);
  });
});

describe('the paths of entries', () => {
  it('go on from the entry that was chosen', () => {
    const first = longerPaths(new Uint32Array(), Uint32Array.of(4, 2), { stage: 0, before: 1, keep: 2, offset: 0 });
    expect([...first]).toEqual([4, 2]);
    const second = longerPaths(first, Uint32Array.of(65_536 + 7, 9), { stage: 1, before: 2, keep: 2, offset: 10 });
    expect([...second]).toEqual([2, 17, 4, 19]);
  });
});

describe('the turns of rows', () => {
  it('take every row once in as many turns as a group has rows, whatever rhythm the rows have', () => {
    const first = firstOfGroups(1, 103, 4);
    expect(first).toHaveLength(26);
    for (let group = 0; group < 26; group++) {
      expect(new Set([0, 1, 2, 3].map((turn) => (first[group] + turn) % 4)).size).toBe(4);
    }
    expect(new Set(first).size).toBe(4);
    expect(firstOfGroups(1, 103, 4)).toEqual(first);
    expect(firstOfGroups(2, 103, 4)).not.toEqual(first);
  });
});

describe('a codeword without rows', () => {
  const rows = matrix([
    [0, 0],
    [1, 0],
    [0, 1],
    [9, 9],
  ]).data;
  const codes = Uint16Array.of(0, 0, 0, 0);
  const counts = Float64Array.of(4, 0);

  it('waits until all rows had their turn, goes beside a large one, and then to the row that fits worst', async () => {
    const codewords = Float32Array.of(0.25, 0.25, 50, 50);
    const reviver = createReviver(2);
    const at = (iteration: number) => reviver.revive(codewords, { rows, codes, counts, iteration, stride: 2 }, steps);
    expect(await at(1)).toBe(0);
    expect([...codewords]).toEqual([0.25, 0.25, 50, 50]);
    expect(await at(2)).toBe(1);
    expect(Math.hypot(codewords[2] - 0.25, codewords[3] - 0.25)).toBeLessThan(0.2);
    expect(await at(3)).toBe(0);
    expect(await at(4)).toBe(1);
    expect([...codewords]).toEqual([0.25, 0.25, 9, 9]);
  });
});
