// Rows of float32 vectors.
import { type Floats, isFloat32Array } from './arrays.ts';
import { badArgument, badValue, count, counted, RvqError } from './errors.ts';
import { integer } from './options.ts';

/** Rows of vectors, row-major: element j of row i is `data[i * dim + j]`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** Rows that decode made: in memory of their own, never in a SharedArrayBuffer. */
export interface DecodedMatrix extends Matrix {
  readonly data: Floats;
}

/** A row as it may be given to `matrix`. */
export type Row = readonly number[] | Float32Array | Float64Array;

/** The longest row: longer ones could overflow the integer sums of the screen. */
export const MAX_DIM = 4096;

/**
 * Makes a Matrix of a Float32Array (kept, not copied) of rows after rows, or of an array of rows (copied to float32).
 * Values are checked for NaN and Infinity by the verbs that read them, so a caller may fill the array later.
 *
 * @param data the values, or the rows
 * @param dim floats a row, 1 to 4,096; needed with a Float32Array
 * @throws RvqError `INVALID_ARGUMENT` where values do not divide into rows of dim, or rows differ in length
 */
export function matrix(data: Float32Array | readonly Row[], dim?: number): Matrix {
  if (dim !== undefined) integer('dim', dim, 1, MAX_DIM);
  if (isFloat32Array(data)) {
    if (dim === undefined) throw badArgument('dim', 'the number of floats a row, as the second argument', dim);
    if (data.length % dim !== 0) {
      throw new RvqError('INVALID_ARGUMENT', 'data', `${counted(data.length, 'values')} do not divide into rows of dim ${count(dim)}`);
    }
    return { data, rows: data.length / dim, dim };
  }
  if (!Array.isArray(data)) throw badArgument('data', 'a Float32Array or an array of rows', data);
  return fromRows(data, dim);
}

function fromRows(rows: readonly unknown[], dim: number | undefined): Matrix {
  if (rows.length === 0 && dim === undefined) throw badArgument('data', 'at least one row, or dim', rows);
  const width = dim ?? rowLength(rows[0]);
  if (width === undefined) throw badValue('data', 'row 0', 'an array of numbers', rows[0]);
  integer(dim === undefined ? 'data[0].length' : 'dim', width, 1, MAX_DIM);
  const data = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]; // by index: a hole is no row
    if (rowLength(row) !== width) throw badValue('data', `row ${count(i)}`, `an array of ${count(width)} numbers`, row);
    const values = row as ArrayLike<unknown>;
    for (let j = 0; j < width; j++) {
      const value = values[j];
      if (typeof value !== 'number') throw badValue('data', `row ${count(i)}, element ${j}`, 'a number', value);
      data[i * width + j] = value;
    }
  }
  return { data, rows: rows.length, dim: width };
}

function rowLength(row: unknown): number | undefined {
  return Array.isArray(row) || isFloat32Array(row) || row instanceof Float64Array ? row.length : undefined;
}

/** The matrix itself, after a check of its shape. An empty one is refused unless `allowEmpty`. */
export function checkMatrix(subject: string, value: Matrix, dim?: number, { allowEmpty = false } = {}): Matrix {
  if (typeof value !== 'object' || value === null || !isFloat32Array(value.data)) {
    throw badArgument(subject, 'a Matrix, as matrix(data, dim) makes one', value);
  }
  integer(`${subject}.dim`, value.dim, 1, MAX_DIM);
  integer(`${subject}.rows`, value.rows, 0);
  if (value.data.length !== value.rows * value.dim) {
    throw badArgument(
      `${subject}.data`,
      `${counted(value.rows, 'rows')} x ${count(value.dim)} = ${counted(value.rows * value.dim, 'values')}`,
      value.data,
    );
  }
  if (dim !== undefined && value.dim !== dim) {
    throw new RvqError('DIM_MISMATCH', subject, `expected rows of dim ${count(dim)}, as the codebook has, got dim ${count(value.dim)}`);
  }
  if (value.rows === 0 && !allowEmpty) throw new RvqError('INVALID_ARGUMENT', subject, 'expected at least one row, got none');
  return value;
}

/** The error for element `index` of row-major values of which it is not finite; `firstRow` rows came before them. */
export function notFinite(subject: string, data: Float32Array, index: number, dim: number, firstRow = 0): RvqError {
  const row = Math.floor(index / dim);
  return badValue(subject, `row ${count(firstRow + row)}, element ${index - row * dim}`, 'a finite float32', data[index], 'NOT_FINITE');
}

/** Throws for the first value that is NaN or infinite. */
export function checkFinite(subject: string, { data, dim }: Matrix): void {
  const bad = firstNotFinite(data);
  if (bad >= 0) throw notFinite(subject, data, bad, dim);
}

/** The index of the first value that is NaN or infinite, or -1. */
export function firstNotFinite(data: Float32Array): number {
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return i;
  return -1;
}
