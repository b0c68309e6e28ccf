// .npy: one array of numbers. Vectors of any numbers, codes of integers; written are float32, and uint8 or uint16.
import type { Bytes } from '../model/arrays.ts';
import { MAX_STAGES } from '../model/codebook.ts';
import type { Matrix } from '../model/matrix.ts';
import { allocateFloats, asciiBytes, littleEndianPieces, viewOf } from './bytes.ts';
import { badFile, shapeText, vectorShape } from './check.ts';
import { elementBytes, elementReader, elementsAt } from './elements.ts';
import { type NpyHeader, parseNpyHeader } from './npy-header.ts';
import type { FileRows } from './rows.ts';

/**
 * Vectors, rounded to float32. The last dimension is that of the rows: an array of one dimension is one row, of three the rows of its
 * first index, then of the next. May share the memory of `bytes`.
 */
export function parseNpyVectors(bytes: Uint8Array, name: string): Matrix {
  const header = parseNpyHeader(bytes, name, bytes.length);
  const { rows, dim } = vectorShape(name, header.dictionary, header.shape);
  if (!header.fortranOrder) return { data: elementsAt(bytes, header.start, rows * dim, header, name), rows, dim };
  const data = allocateFloats(rows * dim, name);
  visitElements(bytes, header, (value, i) => {
    data[i] = value;
  });
  return { data, rows, dim };
}

/** The rows of a file in C order, to be read part by part; undefined for Fortran order, in which no row lies together. */
export function npyRows(head: Uint8Array, size: number, name: string): FileRows | undefined {
  const header = parseNpyHeader(head, name, size);
  const { rows, dim } = vectorShape(name, header.dictionary, header.shape);
  if (header.fortranOrder) return undefined;
  const rowBytes = dim * elementBytes(header.type);
  return { rows, dim, start: header.start, rowBytes, read: (bytes) => elementsAt(bytes, 0, (bytes.length / rowBytes) * dim, header, name) };
}

/** Codes as they lie in the file: whether a codebook has them is not looked at. Which one they belong to a .npy does not say. */
export interface NpyCodes {
  readonly rows: number;
  readonly stages: number;
  /** Calls `visit` with each code, its place `row * stages + stage`, and its byte. */
  each(visit: (code: number, i: number, at: number) => void): void;
}

/** Integers of any type, [rows, stages], or of three dimensions, of which the first two count the rows. */
export function parseNpyCodes(bytes: Uint8Array, name: string): NpyCodes {
  const { header, rows, stages } = npyCodesLayout(bytes, bytes.length, name);
  return { rows, stages, each: (visit) => visitElements(bytes, header, visit) };
}

/** What the head of such a file says. */
export function npyCodesLayout(
  head: Uint8Array,
  size: number,
  name: string,
): { header: NpyHeader; rows: number; stages: number; elementSize: number } {
  const header = parseNpyHeader(head, name, size, 'integers');
  const { shape, dictionary } = header;
  if (shape.length < 2) throw badFile(name, dictionary, 'codes, [rows, stages]', `shape ${shapeText(shape)}`);
  const { rows, dim: stages } = vectorShape(name, dictionary, shape, MAX_STAGES);
  return { header, rows, stages, elementSize: elementBytes(header.type) };
}

/** Visits the elements in C order, whatever the file's: element `i` of the array as rows, which lies at byte `at`. */
function visitElements(bytes: Uint8Array, header: NpyHeader, visit: (value: number, i: number, at: number) => void): void {
  const { shape, start } = header;
  const width = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const read = elementReader(bytes, header);
  const size = elementBytes(header.type);
  // Element j of row r of an array of shape [a, b, width]: r is i * b + k, and in Fortran order it lies at i + a * (k + b * j).
  const inner = shape.length === 3 ? shape[1] : 1;
  const outer = rows / inner;
  const [rowStep, columnStep] = header.fortranOrder ? [1, rows] : [width, 1];
  for (let row = 0, i = 0; row < rows; row++) {
    const place = header.fortranOrder ? Math.floor(row / inner) + outer * (row % inner) : row;
    for (let j = 0, at = start + size * rowStep * place; j < width; j++, i++, at += size * columnStep) visit(read(at), i, at);
  }
}

/** What any .npy that we read says of itself: `rows` of `width` numbers. */
export interface NpyInfo extends NpyHeader {
  readonly rows: number;
  readonly width: number;
}

export function inspectNpy(bytes: Uint8Array, name: string): NpyInfo {
  const header = parseNpyHeader(bytes, name, bytes.length);
  const { rows, dim } = vectorShape(name, header.dictionary, header.shape, Number.MAX_SAFE_INTEGER);
  return { ...header, rows, width: dim };
}

export function* serializeNpyVectors({ data, rows, dim }: Matrix): Generator<Uint8Array> {
  yield npyHeader('<f4', [rows, dim]);
  yield* littleEndianPieces(data);
}

/** Codes, rows x stages, as uint8 or uint16. */
export function* serializeNpyCodes(codes: { data: Uint8Array | Uint16Array; rows: number; stages: number }): Generator<Uint8Array> {
  yield npyHeader(codes.data.BYTES_PER_ELEMENT === 1 ? '|u1' : '<u2', [codes.rows, codes.stages]);
  yield* littleEndianPieces(codes.data);
}

/** Version 1.0, padded with spaces so that the elements begin at a multiple of 64 bytes, as NumPy pads them. */
export function npyHeader(descr: string, shape: readonly number[]): Bytes {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length);
  bytes.set(asciiBytes(`\x93NUMPY\x01\x00\x00\x00${dictionary.padEnd(length - 11)}\n`));
  viewOf(bytes).setUint16(8, length - 10, true);
  return bytes;
}
