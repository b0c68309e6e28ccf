// Vectors out of a column of a table, row after row: lists of numbers, or the bytes of float32. What libraries for tables give is checked
// here, as rows of one dim.
import type { Floats } from '../model/arrays.ts';
import { count, counted, describe } from '../model/errors.ts';
import { MAX_DIM, type Matrix } from '../model/matrix.ts';
import { allocateFloats, viewOf } from './bytes.ts';
import { badFile, quote, quoteAll } from './check.ts';

/** Which column of a table to read, by those that may be vectors. */
export function chooseColumn(
  name: string,
  wanted: string | undefined,
  columns: readonly { readonly name: string; readonly vectors: boolean }[],
): string {
  const all = columns.map((column) => column.name);
  const candidates = columns.filter(({ vectors }) => vectors).map((column) => column.name);
  const kinds = 'of lists of numbers, or of bytes';
  if (wanted !== undefined) {
    if (candidates.includes(wanted)) {
      const alike = all.filter((column) => column === wanted).length;
      if (alike > 1) throw badFile(name, 'columns', `one column ${quote(wanted)}`, `${count(alike)} of that name`);
      return wanted;
    }
    const got = all.includes(wanted) ? `another; there ${candidates.length === 1 ? 'is' : 'are'} ${quoteAll(candidates)}` : quoteAll(all);
    throw badFile(name, 'columns', `column ${quote(wanted)}, ${kinds}`, got);
  }
  if (candidates.length === 1) return candidates[0];
  throw badFile(name, 'columns', `one column ${kinds}, or the name of the one to read`, quoteAll(candidates));
}

/** A column that rows are taken from, block by block; all are as wide as the first. */
export interface ColumnRows {
  readonly name: string;
  readonly column: string;
  /** Undefined until there was a row. */
  dim: number | undefined;
  /** What says the dim; default "first row". */
  readonly like?: string;
  /** The rows of the blocks before, for errors. */
  rows: number;
  /** The float32 that it may be in all; undefined where no file is smaller than its rows. */
  readonly most?: number;
}

/** The rows of a block as values of JavaScript: arrays of numbers, or bytes. */
export function rowsOfValues(target: ColumnRows, values: ArrayLike<unknown>): Matrix {
  if (values.length === 0) return { data: new Float32Array(), rows: 0, dim: target.dim ?? 1 };
  const dim = checkWidth(target, 0, widthOf(target, 0, values[0]));
  // All of them first: one wide row, and as wide an array for many that are not, would be a lot of memory.
  for (let row = 1; row < values.length; row++) checkWidth(target, row, widthOf(target, row, values[row]));
  const { most = Number.POSITIVE_INFINITY, rows } = target;
  const last = Math.floor(most / dim);
  if (rows + values.length > last)
    throw badRow(target, 0, `at most ${counted(last, 'rows')} of dim ${count(dim)} in so small a file`, count(rows + values.length));
  const data = allocateFloats(values.length * dim, target.name);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value instanceof Uint8Array) readFloats(value, data, row * dim, dim);
    else copyNumbers(target, row, value as ArrayLike<unknown>, data, dim);
  }
  target.rows += values.length;
  return { data, rows: values.length, dim };
}

function widthOf(target: ColumnRows, row: number, value: unknown): number {
  if (value instanceof Uint8Array) {
    if (value.length % 4 !== 0) throw badRow(target, row, 'float32, 4 bytes each', counted(value.length, 'bytes'));
    return value.length / 4;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return (value as unknown as ArrayLike<unknown>).length;
  throw badRow(target, row, 'a list of numbers', describe(value ?? null));
}

/** The width of a row after a check that it is that of all. */
export function checkWidth(target: ColumnRows, row: number, width: number): number {
  if (target.dim === undefined) {
    if (width < 1 || width > MAX_DIM) throw badRow(target, row, `1 to ${counted(MAX_DIM, 'values')}`, count(width));
    target.dim = width;
  }
  if (width !== target.dim) throw badRow(target, row, `${counted(target.dim, 'values')}, as the ${target.like ?? 'first row'} has`, count(width));
  return width;
}

export function badRow({ name, column, rows }: ColumnRows, row: number, expected: string, got: string) {
  return badFile(name, `column ${quote(column)}, row ${count(rows + row)}`, expected, got);
}

function copyNumbers(target: ColumnRows, row: number, values: ArrayLike<unknown>, data: Floats, dim: number): void {
  for (let j = 0; j < dim; j++) {
    const value = values[j];
    if (typeof value !== 'number' && typeof value !== 'bigint') throw badRow(target, row, `a number as element ${j}`, describe(value ?? null));
    data[row * dim + j] = Number(value);
  }
}

function readFloats(bytes: Uint8Array, data: Floats, start: number, dim: number): void {
  const view = viewOf(bytes);
  for (let j = 0; j < dim; j++) data[start + j] = view.getFloat32(4 * j, true);
}

/** All blocks of a column as one matrix. */
export function joinBlocks(name: string, column: string, blocks: readonly Matrix[]): Matrix {
  const filled = blocks.filter(({ rows }) => rows > 0);
  if (filled.length === 0) throw badFile(name, `column ${quote(column)}`, 'at least one row, which says the dim', 'none');
  if (filled.length === 1) return filled[0];
  const rows = filled.reduce((all, block) => all + block.rows, 0);
  const { dim } = filled[0];
  const data = allocateFloats(rows * dim, name);
  let at = 0;
  for (const block of filled) {
    data.set(block.data, at);
    at += block.data.length;
  }
  return { data, rows, dim };
}
