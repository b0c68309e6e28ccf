// .fvecs, .bvecs and .ivecs: every row is its dim as int32, then dim values (float32, uint8, int32), all little-endian.
// Source: http://corpus-texmex.irisa.fr, section "Vector file formats".
import { littleEndian } from '../model/byte-order.ts';
import { badValue, count, counted, RvqError } from '../model/errors.ts';
import { MAX_DIM, type Matrix } from '../model/matrix.ts';
import { allocateFloats, floatsAt, integersAt, PIECE_BYTES, viewOf } from './bytes.ts';
import { badFile } from './check.ts';
import type { FileRows } from './rows.ts';

export type VecsKind = 'fvecs' | 'bvecs' | 'ivecs';

/** How the values of a row lie in the bytes. Rows are moved whole: value by value took three times as long. */
interface ValueType {
  readonly bytes: 1 | 4;
  /** The integers it holds; undefined for float32. */
  readonly range?: readonly [lowest: number, highest: number];
  read(bytes: Uint8Array, at: number, width: number): Float32Array | Uint8Array | Int32Array;
  write(bytes: Uint8Array, at: number, row: Float32Array): void;
}

const VALUES: Readonly<Record<VecsKind, ValueType>> = {
  fvecs: {
    bytes: 4,
    read: floatsAt,
    write: (bytes, at, row) => bytes.set(littleEndian(row), at),
  },
  bvecs: {
    bytes: 1,
    range: [0, 255],
    read: (bytes, at, width) => bytes.subarray(at, at + width),
    write: (bytes, at, row) => bytes.set(row, at),
  },
  ivecs: {
    bytes: 4,
    range: [-2147483648, 2147483647],
    read: integersAt,
    write: (bytes, at, row) => bytes.set(littleEndian(Int32Array.from(row)), at),
  },
};

/** Rows of integers, row-major: `data[i * width + j]`. Such as the ids of each query's nearest rows. */
export interface IntegerRows {
  readonly data: Int32Array;
  readonly rows: number;
  readonly width: number;
}

/** The vectors of a file. Integers of an .ivecs beyond 2^24 are rounded to float32. */
export function parseVecs(bytes: Uint8Array, name: string, kind: VecsKind): Matrix {
  const { rows, dim, read } = vecsRows(bytes, bytes.length, name, kind);
  return { data: read(bytes, 0), rows, dim };
}

/** The rows of a file, to be read part by part: how wide the first one is all must be. */
export function vecsRows(head: Uint8Array, size: number, name: string, kind: VecsKind): FileRows {
  const value = VALUES[kind];
  const { rows, width } = shapeOf(head, size, name, value, MAX_DIM);
  const rowBytes = 4 + width * value.bytes;
  return {
    rows,
    dim: width,
    start: 0,
    rowBytes,
    read(bytes, firstRow) {
      checkWidths(bytes, firstRow * rowBytes, width, rowBytes, name);
      return copyValues(bytes, value, width, allocateFloats((bytes.length / rowBytes) * width, name));
    },
  };
}

/** The integers of an .ivecs file as they are. */
export function parseIvecsIntegers(bytes: Uint8Array, name: string): IntegerRows {
  const { rows, width } = shapeOf(bytes, bytes.length, name, VALUES.ivecs, bytes.length);
  checkWidths(bytes, 0, width, 4 + 4 * width, name);
  return { data: copyValues(bytes, VALUES.ivecs, width, new Int32Array(rows * width)), rows, width };
}

/** How many rows of the width of the first a file of `size` bytes holds. */
function shapeOf(head: Uint8Array, size: number, name: string, value: ValueType, maxWidth: number): { rows: number; width: number } {
  if (size < 4) {
    throw badFile(
      name,
      0,
      'a row, which begins with its dim as int32',
      size === 0 ? 'an empty file' : `the end of the file after ${counted(size, 'bytes')}`,
    );
  }
  const width = viewOf(head).getInt32(0, true);
  if (width < 1 || width > maxWidth) throw badFile(name, 0, `a dim from 1 to ${count(maxWidth)}`, String(width));
  const rowBytes = 4 + width * value.bytes;
  const rest = size % rowBytes;
  if (rest !== 0) throw badFile(name, size - rest, `a row of ${counted(rowBytes, 'bytes')}`, `${counted(rest, 'bytes')} and the end of the file`);
  return { rows: size / rowBytes, width };
}

/** Checks that every row is of one width, before anything is allocated. `start` is the place of the bytes in the file. */
function checkWidths(bytes: Uint8Array, start: number, width: number, rowBytes: number, name: string): void {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const next = view.getInt32(at, true);
    if (next !== width) throw badFile(name, start + at, `dim ${width}, as in the first row`, `dim ${next}`);
  }
}

function copyValues<T extends Float32Array | Int32Array>(bytes: Uint8Array, value: ValueType, width: number, target: T): T {
  const rowBytes = 4 + width * value.bytes;
  for (let i = 0, at = 4; i < target.length; i += width, at += rowBytes) target.set(value.read(bytes, at, width), i);
  return target;
}

/** The bytes of a file of these vectors, piece by piece. A file of no rows cannot say its dim, so at least one row is needed. */
export function serializeVecs(vectors: Matrix, kind: VecsKind): Iterable<Uint8Array> {
  if (vectors.rows === 0) throw noRows(kind);
  return vecsPieces(vectors, kind);
}

export function noRows(kind: VecsKind): RvqError {
  return new RvqError('INVALID_ARGUMENT', 'vectors', `expected at least one row for a .${kind} file, got none`);
}

/**
 * The bytes of rows of a file.
 *
 * @param firstRow how many rows came before them, for errors
 */
export function vecsPieces(vectors: Matrix, kind: VecsKind, firstRow = 0): Iterable<Uint8Array> {
  checkRange(vectors, kind, firstRow);
  return pieces(vectors, VALUES[kind]);
}

function* pieces({ data, rows, dim }: Matrix, value: ValueType): Generator<Uint8Array> {
  const rowBytes = 4 + dim * value.bytes;
  const step = Math.ceil(PIECE_BYTES / rowBytes);
  for (let start = 0; start < rows; start += step) {
    const end = Math.min(rows, start + step);
    const piece = new Uint8Array((end - start) * rowBytes);
    const view = viewOf(piece);
    let at = 0;
    for (let row = start; row < end; row++) {
      view.setInt32(at, dim, true);
      value.write(piece, at + 4, data.subarray(row * dim, (row + 1) * dim));
      at += rowBytes;
    }
    yield piece;
  }
}

function checkRange({ data, dim }: Matrix, kind: VecsKind, firstRow: number): void {
  const range = VALUES[kind].range;
  if (range === undefined) return;
  const [lowest, highest] = range;
  for (let i = 0; i < data.length; i++) {
    if (Number.isInteger(data[i]) && data[i] >= lowest && data[i] <= highest) continue;
    const row = Math.floor(i / dim);
    const expected = `an integer from ${lowest} to ${highest}, as a .${kind} file holds`;
    throw badValue('vectors', `row ${count(firstRow + row)}, element ${i - row * dim}`, expected, data[i]);
  }
}
