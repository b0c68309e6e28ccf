// .fvecs, .bvecs and .ivecs: every row is its dim as int32, then dim values (float32, uint8, int32), all little-endian.
// Source: http://corpus-texmex.irisa.fr, section "Vector file formats".
import { badValue, count, RvqError } from '../model/errors.ts';
import { MAX_DIM, type Matrix } from '../model/matrix.ts';
import { allocateFloats, floatsAt, integersAt, littleEndian, PIECE_BYTES, viewOf } from './bytes.ts';
import { badFile } from './check.ts';

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
  const { rows, width } = rowsOf(bytes, name, VALUES[kind], MAX_DIM);
  const data = allocateFloats(rows * width, name);
  copyValues(bytes, VALUES[kind], width, data);
  return { data, rows, dim: width };
}

/** The integers of an .ivecs file as they are. */
export function parseIvecsIntegers(bytes: Uint8Array, name: string): IntegerRows {
  const { rows, width } = rowsOf(bytes, name, VALUES.ivecs, bytes.length);
  const data = new Int32Array(rows * width);
  copyValues(bytes, VALUES.ivecs, width, data);
  return { data, rows, width };
}

/** Checks that the bytes are whole rows of one width, before anything is allocated. */
function rowsOf(bytes: Uint8Array, name: string, value: ValueType, maxWidth: number): { rows: number; width: number } {
  const view = viewOf(bytes);
  if (bytes.length < 4) throw badFile(name, 0, 'a row, which begins with its dim as int32', bytes.length === 0 ? 'an empty file' : endsAfter(bytes));
  const width = view.getInt32(0, true);
  if (width < 1 || width > maxWidth) throw badFile(name, 0, `a dim from 1 to ${count(maxWidth)}`, String(width));
  const rowBytes = 4 + width * value.bytes;
  for (let at = rowBytes; at + 4 <= bytes.length; at += rowBytes) {
    const next = view.getInt32(at, true);
    if (next !== width) throw badFile(name, at, `dim ${width}, as in the first row`, `dim ${next}`);
  }
  const rest = bytes.length % rowBytes;
  if (rest !== 0) throw badFile(name, bytes.length - rest, `a row of ${count(rowBytes)} bytes`, `${count(rest)} bytes and the end of the file`);
  return { rows: bytes.length / rowBytes, width };
}

function endsAfter(bytes: Uint8Array): string {
  return `the end of the file after ${bytes.length} bytes`;
}

function copyValues(bytes: Uint8Array, value: ValueType, width: number, target: Float32Array | Int32Array): void {
  const rowBytes = 4 + width * value.bytes;
  for (let i = 0, at = 4; i < target.length; i += width, at += rowBytes) target.set(value.read(bytes, at, width), i);
}

/** The bytes of a file of these vectors, piece by piece. A file of no rows cannot say its dim, so at least one row is needed. */
export function serializeVecs(vectors: Matrix, kind: VecsKind): Iterable<Uint8Array> {
  if (vectors.rows === 0) throw new RvqError('INVALID_ARGUMENT', 'vectors', `expected at least one row for a .${kind} file, got none`);
  checkRange(vectors, kind);
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

function checkRange({ data, dim }: Matrix, kind: VecsKind): void {
  const range = VALUES[kind].range;
  if (range === undefined) return;
  const [lowest, highest] = range;
  for (let i = 0; i < data.length; i++) {
    if (Number.isInteger(data[i]) && data[i] >= lowest && data[i] <= highest) continue;
    const row = Math.floor(i / dim);
    const expected = `an integer from ${lowest} to ${highest}, as a .${kind} file holds`;
    throw badValue('vectors', `row ${count(row)}, element ${i - row * dim}`, expected, data[i]);
  }
}
