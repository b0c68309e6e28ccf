// Little-endian values in the bytes of a file, whatever the byte order of the machine.
import type { Bytes, Floats } from '../model/arrays.ts';
import { littleEndian, littleEndianMachine } from '../model/byte-order.ts';
import { counted, RvqError } from '../model/errors.ts';

/** Writers give their bytes in pieces of about this size: a file of any size takes no second copy of its data. */
export const PIECE_BYTES = 1 << 20;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An array for `length` float32 of the file `name`; where there is no room for it the error says so. */
export function allocateFloats(length: number, name: string): Floats {
  return withinMemory(length, name, () => new Float32Array(length));
}

/** `make()`, which makes an array for the `length` values of the file `name`. */
export function withinMemory<T>(length: number, name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RvqError('OUT_OF_MEMORY', name, `its ${counted(length, 'values')} do not fit into memory`, { cause });
  }
}

/** `length` float32 from byte `start`: a view of the bytes where their place and the machine allow it, else a copy. */
export function floatsAt(bytes: Uint8Array, start: number, length: number): Float32Array {
  if (inPlace(bytes, start)) return new Float32Array(bytes.buffer, bytes.byteOffset + start, length);
  const view = viewOf(bytes);
  const floats = new Float32Array(length);
  for (let i = 0; i < length; i++) floats[i] = view.getFloat32(start + 4 * i, true);
  return floats;
}

/** `length` int32 from byte `start`, as `floatsAt` gives floats. */
export function integersAt(bytes: Uint8Array, start: number, length: number): Int32Array {
  if (inPlace(bytes, start)) return new Int32Array(bytes.buffer, bytes.byteOffset + start, length);
  const view = viewOf(bytes);
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) integers[i] = view.getInt32(start + 4 * i, true);
  return integers;
}

/** Whether values of four bytes can be read where they are. */
function inPlace(bytes: Uint8Array, start: number): boolean {
  return littleEndianMachine && (bytes.byteOffset + start) % 4 === 0;
}

/** `length` float64 from byte `start`, rounded to float32. */
export function roundedDoublesAt(bytes: Uint8Array, start: number, length: number, name: string): Floats {
  const view = viewOf(bytes);
  const floats = allocateFloats(length, name);
  for (let i = 0; i < length; i++) floats[i] = view.getFloat64(start + 8 * i, true);
  return floats;
}

/** The bytes of many values, in pieces of about PIECE_BYTES. */
export function* littleEndianPieces(values: Float32Array | Uint8Array | Uint16Array): Generator<Uint8Array> {
  const step = PIECE_BYTES / values.BYTES_PER_ELEMENT;
  for (let i = 0; i < values.length; i += step) yield littleEndian(values.subarray(i, i + step));
}

/** The bytes as characters of one byte each. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The pieces that a writer gives, in one array. */
export function joinPieces(pieces: Iterable<Uint8Array>): Bytes {
  const all = Array.from(pieces);
  const bytes = new Uint8Array(all.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
