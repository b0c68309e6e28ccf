// Numbers as other programs store them, as float32: of any width, signed or not, floating or whole, in either byte order.
import type { Floats } from '../model/arrays.ts';
import { allocateFloats, floatsAt, viewOf } from './bytes.ts';
import { fromBfloat16, fromFloat16 } from './halves.ts';

interface ElementReader {
  /** Bytes of one element. */
  readonly bytes: 1 | 2 | 4 | 8;
  readonly whole: boolean;
  /** The element at a byte. What float32 cannot hold is given so that rounding it to float32 gives the nearest one. */
  read(view: DataView, at: number, littleEndian: boolean): number;
}

/** By NumPy's names without byte order, and `bf2`, bfloat16, which NumPy has not. */
const ELEMENTS = {
  f2: { bytes: 2, whole: false, read: (view, at, littleEndian) => fromFloat16(view.getUint16(at, littleEndian)) },
  bf2: { bytes: 2, whole: false, read: (view, at, littleEndian) => fromBfloat16(view.getUint16(at, littleEndian)) },
  f4: { bytes: 4, whole: false, read: (view, at, littleEndian) => view.getFloat32(at, littleEndian) },
  f8: { bytes: 8, whole: false, read: (view, at, littleEndian) => view.getFloat64(at, littleEndian) },
  i1: { bytes: 1, whole: true, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, whole: true, read: (view, at) => view.getUint8(at) },
  i2: { bytes: 2, whole: true, read: (view, at, littleEndian) => view.getInt16(at, littleEndian) },
  u2: { bytes: 2, whole: true, read: (view, at, littleEndian) => view.getUint16(at, littleEndian) },
  i4: { bytes: 4, whole: true, read: (view, at, littleEndian) => view.getInt32(at, littleEndian) },
  u4: { bytes: 4, whole: true, read: (view, at, littleEndian) => view.getUint32(at, littleEndian) },
  i8: {
    bytes: 8,
    whole: true,
    read: (view, at, littleEndian) =>
      long(view.getInt32(littleEndian ? at + 4 : at, littleEndian), view.getUint32(littleEndian ? at : at + 4, littleEndian)),
  },
  u8: {
    bytes: 8,
    whole: true,
    read: (view, at, littleEndian) =>
      long(view.getUint32(littleEndian ? at + 4 : at, littleEndian), view.getUint32(littleEndian ? at : at + 4, littleEndian)),
  },
} as const satisfies Record<string, ElementReader>;

export type ElementType = keyof typeof ELEMENTS;

export function isElementType(word: string): word is ElementType {
  return Object.hasOwn(ELEMENTS, word);
}

export function elementBytes(type: ElementType): number {
  return ELEMENTS[type].bytes;
}

/** Whether it holds integers. */
export function isWhole(type: ElementType): boolean {
  return ELEMENTS[type].whole;
}

/** How elements lie in bytes. */
export interface ElementLayout {
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

/** A function that reads the element at a byte. */
export function elementReader(bytes: Uint8Array, { type, littleEndian }: ElementLayout): (at: number) => number {
  const view = viewOf(bytes);
  const { read } = ELEMENTS[type];
  return (at) => read(view, at, littleEndian);
}

/** `length` elements from byte `start` on, one after the other: a view of the bytes where they are float32 in their place, else rounded copies. */
export function elementsAt(bytes: Uint8Array, start: number, length: number, layout: ElementLayout, name: string): Float32Array {
  if (layout.type === 'f4' && layout.littleEndian) return floatsAt(bytes, start, length);
  const floats = allocateFloats(length, name);
  if (layout.type === 'u1') floats.set(bytes.subarray(start, start + length));
  else fill(floats, elementReader(bytes, layout), start, elementBytes(layout.type));
  return floats;
}

function fill(floats: Floats, read: (at: number) => number, start: number, step: number): void {
  for (let i = 0, at = start; i < floats.length; i++, at += step) floats[i] = read(at);
}

/**
 * high * 2^32 + low as float64, rounded so that a second rounding, to float32, gives what one would: where float64 drops bits it drops the
 * lowest 11, which only matter to float32 in that they are not all zero.
 */
function long(high: number, low: number): number {
  const kept = (high < 0 ? ~high : high) < 2 ** 21 || (low & 0x7ff) === 0 ? low : ((low & ~0x7ff) | 0x800) >>> 0;
  return high * 2 ** 32 + kept;
}
