// The arithmetic of projections, norms and errors, bit by bit: the same loops for every engine. docs/exactness.md lays them down.
import type { Floats } from '../model/arrays.ts';
import type { Projection } from '../model/codec.ts';

/** Norms are counted as at least this, so that a row of zeros can be divided by its own. */
const LEAST_NORM = 1e-12;

/**
 * The inner product of two rows: products in float64, where those of float32 are exact, added in four partial sums by j mod 4, and these as
 * (s0 + s2) + (s1 + s3), as the distance of the definition adds its squares.
 *
 * @param a holds a row that begins at `aStart`, and `b` one that begins at `bStart`
 */
export function innerProduct(a: Float32Array, aStart: number, b: Float32Array, bStart: number, dim: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = dim - (dim % 4);
  for (let j = 0; j < whole; j += 4) {
    s0 += a[aStart + j] * b[bStart + j];
    s1 += a[aStart + j + 1] * b[bStart + j + 1];
    s2 += a[aStart + j + 2] * b[bStart + j + 2];
    s3 += a[aStart + j + 3] * b[bStart + j + 3];
  }
  if (whole < dim) s0 += a[aStart + whole] * b[bStart + whole];
  if (whole + 1 < dim) s1 += a[aStart + whole + 1] * b[bStart + whole + 1];
  if (whole + 2 < dim) s2 += a[aStart + whole + 2] * b[bStart + whole + 2];
  return s0 + s2 + (s1 + s3);
}

/** Rows of `to` values for rows of `from`: each the inner product with a row of weights, plus the bias, rounded to float32 once. */
export function project({ from, to, weight, bias }: Projection, rows: Float32Array): Floats {
  const count = rows.length / from;
  const projected = new Float32Array(count * to);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < to; i++) {
      projected[row * to + i] = innerProduct(weight, i * from, rows, row * from, from) + (bias === undefined ? 0 : bias[i]);
    }
  }
  return projected;
}

/** Rows divided by their norms, each value rounded to float32 once. */
export function normalize(rows: Float32Array, dim: number): Floats {
  const normal = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += dim) {
    const norm = Math.max(Math.sqrt(innerProduct(rows, start, rows, start, dim)), LEAST_NORM);
    for (let j = start; j < start + dim; j++) normal[j] = rows[j] / norm;
  }
  return normal;
}

/** Takes `values` off `from`, value by value, rounding to float32. */
export function subtract(from: Float32Array, values: Float32Array): void {
  for (let i = 0; i < from.length; i++) from[i] -= values[i];
}

/** Adds `values` to `to`, value by value, rounding to float32. */
export function add(to: Float32Array, values: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] += values[i];
}

/** The summed squares of all values, row by row. */
export function squaredNorms(rows: Float32Array, dim: number): number {
  let sum = 0;
  for (let start = 0; start < rows.length; start += dim) sum += innerProduct(rows, start, rows, start, dim);
  return sum;
}
