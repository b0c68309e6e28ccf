// What the parsers check in the same words: an error that names file, place, what was expected and what came; shapes of vectors.
import { count, counted, RvqError } from '../model/errors.ts';
import { MAX_DIM } from '../model/matrix.ts';

/**
 * The error for bytes that are not what they should be.
 *
 * @param at the byte of the file, or the part of it in words, such as `tensor "codes"`
 */
export function badFile(name: string, at: number | string, expected: string, got: string, options?: { cause?: unknown }): RvqError {
  const place = typeof at === 'number' ? `byte ${count(at)}` : at;
  return new RvqError('BAD_FILE', name, `${place}: expected ${expected}, got ${got}`, options);
}

/** `make()`, whose errors become errors about the file: what it was given came from there. */
export function fromFile<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RvqError) throw new RvqError('BAD_FILE', name, error.message, { cause: error });
    throw error;
  }
}

/** A name out of a file, in quotes and cut where it is very long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}

/** Names out of a file, for an error: the first eight of them. */
export function quoteAll(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, 8).map(quote).join(', ')}${names.length > 8 ? ` and ${count(names.length - 8)} more` : ''}`;
}

/** "[5, 3]" */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The product of a shape, or NaN where it is no safe integer. */
export function elementCount(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  const product = shape.reduce((a, b) => a * b, 1);
  return Number.isSafeInteger(product) ? product : Number.NaN;
}

/** Whether an array of that shape can be vectors, of any dim. */
export function isVectorShape(shape: readonly number[]): boolean {
  return shape.length >= 1 && shape.length <= 3 && shape[shape.length - 1] >= 1;
}

/**
 * Rows and dim of an array of vectors: the last dimension is that of the rows, those before it count them. One dimension is one row.
 *
 * @param most the longest rows that there may be
 */
export function vectorShape(name: string, at: number | string, shape: readonly number[], most = MAX_DIM): { rows: number; dim: number } {
  if (shape.length < 1 || shape.length > 3) throw badFile(name, at, 'vectors, [rows, dim], of one to three dimensions', `shape ${shapeText(shape)}`);
  const dim = shape[shape.length - 1];
  if (dim < 1 || dim > most) throw badFile(name, at, `rows of 1 to ${counted(most, 'values')}`, `shape ${shapeText(shape)}`);
  return { rows: elementCount(shape.slice(0, -1)), dim };
}
