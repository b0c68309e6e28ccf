// The definition of a code, in plain loops: which codeword of a stage is nearest to a residual, and what is left after it.
// Every other implementation is held to these few lines, bit by bit. All values are float32, sums are float64.
import type { Matrix } from '../model/matrix.ts';

/**
 * The squared distance of two rows: e[j] = float32(a[j] - b[j]); the squares of e are added in float64 in four partial
 * sums, by j mod 4, which are then added as (s0 + s2) + (s1 + s3). Four sums are what SIMD lanes keep; the order is part of
 * the definition.
 *
 * @param a holds a row that begins at `aStart`
 * @param b holds a row that begins at `bStart`
 */
export function squaredDistance(a: Float32Array, aStart: number, b: Float32Array, bStart: number, dim: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = dim - (dim % 4);
  for (let j = 0; j < whole; j += 4) {
    const e0 = Math.fround(a[aStart + j] - b[bStart + j]);
    const e1 = Math.fround(a[aStart + j + 1] - b[bStart + j + 1]);
    const e2 = Math.fround(a[aStart + j + 2] - b[bStart + j + 2]);
    const e3 = Math.fround(a[aStart + j + 3] - b[bStart + j + 3]);
    s0 += e0 * e0;
    s1 += e1 * e1;
    s2 += e2 * e2;
    s3 += e3 * e3;
  }
  for (let j = whole; j < dim; j++) {
    const e = Math.fround(a[aStart + j] - b[bStart + j]);
    if (j === whole) s0 += e * e;
    else if (j === whole + 1) s1 += e * e;
    else s2 += e * e;
  }
  return s0 + s2 + (s1 + s3);
}

/**
 * The codeword nearest to the row that begins at `start`. Ties go to the lowest number. A distance that overflowed (infinite or
 * NaN) never wins; where all did, it is codeword 0.
 */
export function nearestCodeword(rows: Float32Array, start: number, { data, rows: count, dim }: Matrix): number {
  let nearest = 0;
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const distance = squaredDistance(rows, start, data, k * dim, dim);
    if (distance < best) {
      best = distance;
      nearest = k;
    }
  }
  return nearest;
}

/** Takes codeword `k` off the residual, rounding to float32. */
export function subtractCodeword(residual: Float32Array, { data, dim }: Matrix, k: number): void {
  for (let j = 0; j < dim; j++) residual[j] -= data[k * dim + j];
}
