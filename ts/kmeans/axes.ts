// Principal axes of rows: the directions, at right angles, along which they vary most and least. The arithmetic is + - * / and sqrt in a
// fixed order, so that every engine finds the same bits.
import type { Doubles } from '../model/arrays.ts';
import type { Matrix } from '../model/matrix.ts';
import { meanRow } from './moments.ts';
import { forRows, type Steps } from './steps.ts';

/** Rows that are enough to tell the axes by. */
const MOST_ROWS = 4096;

/** Dims up to which axes are worth their time, which grows with dim^3: half a second at 384. Beyond, coordinates serve as axes. */
const MOST_DIM = 512;

/** Turns rows into coordinates along axes, and back. */
export interface Axes {
  readonly dim: number;
  /** `vectors[axis * dim + j]`, or undefined where the axes are the coordinates. */
  readonly vectors: Doubles | undefined;
}

/** The coordinates. */
export function coordinates(dim: number): Axes {
  return { dim, vectors: undefined };
}

export async function principalAxes(rows: Matrix, steps: Steps): Promise<Axes> {
  const { dim } = rows;
  if (dim > MOST_DIM || dim === 1) return coordinates(dim);
  const covariance = await covarianceOf(rows, steps);
  const turn = steps.plain(8 * dim ** 3);
  if (turn) await turn;
  return { dim, vectors: eigenvectors(covariance, dim) };
}

/** Rows (row-major, any number of them) along the axes: themselves where these are the coordinates. */
export async function alongAxes({ dim, vectors }: Axes, rows: Doubles, steps: Steps): Promise<Doubles> {
  return vectors === undefined ? rows : turn(vectors, dim, rows, steps);
}

/** The inverse of alongAxes. */
export async function fromAxes({ dim, vectors }: Axes, rows: Doubles, steps: Steps): Promise<Doubles> {
  return vectors === undefined ? rows : turn(transposed(vectors, dim), dim, rows, steps);
}

/** `to[i * dim + axis] = sum over j of vectors[axis * dim + j] * rows[i * dim + j]`, added in the order of j. */
async function turn(vectors: Doubles, dim: number, rows: Doubles, steps: Steps): Promise<Doubles> {
  const to = new Float64Array(rows.length);
  const columns = transposed(vectors, dim);
  await forRows(steps, rows.length / dim, dim * dim, (start, end) => {
    for (let i = start; i < end; i++) addProducts(rows.subarray(i * dim, (i + 1) * dim), columns, to.subarray(i * dim, (i + 1) * dim));
  });
  return to;
}

/** `to[k] += row[j] * columns[j * dim + k]` for all j, four of them at a time: apart from its caller's closures, which would box what it uses. */
function addProducts(row: Doubles, columns: Doubles, to: Doubles): void {
  const dim = to.length;
  const whole = dim - (dim % 4);
  for (let j = 0; j < whole; j += 4) {
    const [a, b, c, d] = [row[j], row[j + 1], row[j + 2], row[j + 3]];
    for (let k = 0, at = j * dim; k < dim; k++, at++) {
      to[k] = to[k] + a * columns[at] + b * columns[at + dim] + c * columns[at + 2 * dim] + d * columns[at + 3 * dim];
    }
  }
  for (let j = whole; j < dim; j++) {
    const a = row[j];
    for (let k = 0, at = j * dim; k < dim; k++, at++) to[k] += a * columns[at];
  }
}

function transposed(values: Doubles, dim: number): Doubles {
  const other = new Float64Array(values.length);
  for (let i = 0; i < dim; i++) for (let j = 0; j < dim; j++) other[j * dim + i] = values[i * dim + j];
  return other;
}

/** Of so many rows, evenly spread over all. */
async function covarianceOf({ data, rows, dim }: Matrix, steps: Steps): Promise<Doubles> {
  const used = Math.min(rows, MOST_ROWS);
  const mean = await meanRow({ data, rows, dim }, steps);
  const covariance = new Float64Array(dim * dim);
  const centered = new Float64Array(dim);
  await forRows(steps, used, (dim * dim) / 2, (start, end) => {
    for (let i = start; i < end; i++) {
      const from = Math.floor((i * rows) / used) * dim;
      for (let j = 0; j < dim; j++) centered[j] = data[from + j] - mean[j];
      for (let j = 0; j < dim; j++) {
        const value = centered[j];
        for (let k = 0, at = j * dim; k <= j; k++, at++) covariance[at] += value * centered[k];
      }
    }
  });
  for (let j = 0; j < dim; j++) for (let k = 0; k < j; k++) covariance[k * dim + j] = covariance[j * dim + k];
  return covariance;
}

/**
 * Eigenvectors of a symmetric matrix, `vectors[i * size + j]`, by Householder's tridiagonal form and the QL algorithm with implicit shifts
 * (Bowdler, Martin, Reinsch and Wilkinson, 1968: tred2 and tql2).
 *
 * @param matrix destroyed
 */
export function eigenvectors(matrix: Doubles, size: number): Doubles {
  const z = matrix; // z[i * size + j]
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  tridiagonalize(z, size, diagonal, beside);
  const rows = transposed(z, size); // rows of it are the columns that the rotations turn: beside each other in memory
  rotateToDiagonal(rows, size, diagonal, beside);
  return rows;
}

function tridiagonalize(z: Doubles, n: number, d: Doubles, e: Doubles): void {
  for (let i = n - 1; i > 0; i--) {
    const row = z.subarray(i * n, i * n + i);
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(row[k]);
    let h = 0;
    if (i === 1 || scale === 0) {
      e[i] = row[i - 1];
    } else {
      for (let k = 0; k < i; k++) {
        row[k] /= scale;
        h += row[k] * row[k];
      }
      const f = row[i - 1];
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      row[i - 1] = f - g;
      // e = A u / h, of the lower triangle
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        z[j * n + i] = row[j] / h;
        const u = row[j];
        let sum = 0;
        for (let k = 0, at = j * n; k < j; k++, at++) {
          sum += z[at] * row[k];
          e[k] += z[at] * u;
        }
        e[j] += sum + z[j * n + j] * u;
      }
      let product = 0;
      for (let j = 0; j < i; j++) {
        e[j] /= h;
        product += e[j] * row[j];
      }
      const half = product / (h + h);
      for (let j = 0; j < i; j++) e[j] -= half * row[j];
      for (let j = 0; j < i; j++) {
        const [u, w] = [row[j], e[j]];
        for (let k = 0, at = j * n; k <= j; k++, at++) z[at] -= u * e[k] + w * row[k];
      }
    }
    d[i] = h;
  }
  d[0] = 0;
  e[0] = 0;
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (d[i] !== 0) {
      sums.fill(0, 0, i);
      for (let k = 0; k < i; k++) {
        const u = z[i * n + k];
        for (let j = 0, at = k * n; j < i; j++, at++) sums[j] += u * z[at];
      }
      for (let k = 0; k < i; k++) {
        const w = z[k * n + i];
        for (let j = 0, at = k * n; j < i; j++, at++) z[at] -= sums[j] * w;
      }
    }
    d[i] = z[i * n + i];
    z[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      z[j * n + i] = 0;
      z[i * n + j] = 0;
    }
  }
}

/** More rotations than QL ever needed for one value: with them it ends on any input. */
const MOST_SWEEPS = 60;

function rotateToDiagonal(rows: Doubles, n: number, d: Doubles, e: Doubles): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = Math.sqrt(g * g + 1);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        for (let a = i * n, end = a + n; a < end; a++) {
          const next = rows[a + n];
          rows[a + n] = s * rows[a] + c * next;
          rows[a] = c * rows[a] - s * next;
        }
      }
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}
