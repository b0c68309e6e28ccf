// .npy: one array of numbers. Vectors as float32, float64 or uint8, codes as uint8 or uint16, rows after rows.
import type { Bytes } from '../model/arrays.ts';
import type { Matrix } from '../model/matrix.ts';
import { allocateFloats, asciiBytes, floatsAt, littleEndian, PIECE_BYTES, roundedDoublesAt, viewOf } from './bytes.ts';
import { badFile, shapeText, vectorShape } from './check.ts';
import { type NpyType, parseNpyHeader } from './npy-header.ts';

export interface NpyCodes {
  readonly data: Uint8Array | Uint16Array;
  readonly rows: number;
  readonly stages: number;
  /** The byte of the first code. */
  readonly start: number;
}

/** What any .npy that we read says of itself. */
export function inspectNpy(bytes: Uint8Array, name: string): { type: NpyType; shape: readonly number[] } {
  return parseNpyHeader(bytes, name, ['f4', 'f8', 'u1', 'u2']);
}

/** Vectors, one a row; an array of one dimension is one row. float64 is rounded to float32. May share the memory of `bytes`. */
export function parseNpyVectors(bytes: Uint8Array, name: string): Matrix {
  const { type, shape, dictionary, start } = parseNpyHeader(bytes, name, ['f4', 'f8', 'u1']);
  const { rows, dim } = vectorShape(name, dictionary, shape);
  if (type === 'f4') return { data: floatsAt(bytes, start, rows * dim), rows, dim };
  if (type === 'f8') return { data: roundedDoublesAt(bytes, start, rows * dim, name), rows, dim };
  const data = allocateFloats(rows * dim, name);
  data.set(bytes.subarray(start));
  return { data, rows, dim };
}

/** Codes, rows x stages. Which codebook they belong to a .npy does not say. */
export function parseNpyCodes(bytes: Uint8Array, name: string): NpyCodes {
  const { type, shape, dictionary, start } = parseNpyHeader(bytes, name, ['u1', 'u2']);
  if (shape.length !== 2) throw badFile(name, dictionary, 'codes, [rows, stages]', `shape ${shapeText(shape)}`);
  const [rows, stages] = shape;
  if (type === 'u1') return { data: bytes.slice(start), rows, stages, start };
  const view = viewOf(bytes);
  const data = new Uint16Array(rows * stages);
  for (let i = 0; i < data.length; i++) data[i] = view.getUint16(start + 2 * i, true);
  return { data, rows, stages, start };
}

export function serializeNpyVectors({ data, rows, dim }: Matrix): Iterable<Uint8Array> {
  return pieces(header('<f4', [rows, dim]), data);
}

/** Codes, rows x stages, as uint8 or uint16. */
export function serializeNpyCodes(codes: { data: Uint8Array | Uint16Array; rows: number; stages: number }): Iterable<Uint8Array> {
  return pieces(header(codes.data.BYTES_PER_ELEMENT === 1 ? '|u1' : '<u2', [codes.rows, codes.stages]), codes.data);
}

/** Version 1.0, padded with spaces so that the elements begin at a multiple of 64 bytes, as NumPy pads them. */
function header(descr: string, shape: readonly number[]): Bytes {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length);
  bytes.set(asciiBytes(`\x93NUMPY\x01\x00\x00\x00${dictionary.padEnd(length - 11)}\n`));
  viewOf(bytes).setUint16(8, length - 10, true);
  return bytes;
}

function* pieces(head: Uint8Array, values: Float32Array | Uint8Array | Uint16Array): Generator<Uint8Array> {
  yield head;
  const step = PIECE_BYTES / values.BYTES_PER_ELEMENT;
  for (let i = 0; i < values.length; i += step) yield littleEndian(values.subarray(i, i + step));
}
