// Seeded rows for tests, and slow answers to hold fast ones against.
import { type Matrix, matrix } from '../../ts/model/matrix.ts';
import { createRandom } from '../../ts/model/random.ts';

/** Standard normal rows. */
export function normalRows({ rows, dim, seed = 1 }: { rows: number; dim: number; seed?: number }): Matrix {
  const random = createRandom(seed, 1000);
  return matrix(
    Float32Array.from({ length: rows * dim }, () => random.normal()),
    dim,
  );
}

/** Row `i` of a matrix as an array. */
export function rowOf({ data, dim }: Matrix, i: number): number[] {
  return Array.from(data.subarray(i * dim, (i + 1) * dim));
}

/** The definition's squared distance, written from the words of design.md: differences in float32, four float64 sums by j mod 4. */
export function slowDistance(a: readonly number[], b: readonly number[]): number {
  const squares = a.map((value, j) => Math.fround(value - b[j]) ** 2);
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((lane) => squares.filter((_, j) => j % 4 === lane).reduce((sum, square) => sum + square, 0));
  return s0 + s2 + (s1 + s3);
}

/** For one row the codeword of each stage, by the definition, and the residual after each. */
export function slowEncode(row: readonly number[], stages: readonly Matrix[]): { indices: number[]; residuals: number[][]; errors: number[] } {
  const indices: number[] = [];
  const residuals: number[][] = [];
  const errors: number[] = [];
  let residual = [...row];
  for (const codewords of stages) {
    const distances = Array.from({ length: codewords.rows }, (_, k) => slowDistance(residual, rowOf(codewords, k)));
    const finite = distances.filter((distance) => distance < Number.POSITIVE_INFINITY);
    const index = finite.length === 0 ? 0 : distances.indexOf(Math.min(...finite));
    const codeword = rowOf(codewords, index);
    residual = residual.map((value, j) => Math.fround(value - codeword[j]));
    indices.push(index);
    residuals.push(residual);
    errors.push(distances[index]);
  }
  return { indices, residuals, errors };
}
