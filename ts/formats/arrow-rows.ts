// Rows of a column of Arrow, batch by batch: lists of numbers of one length and without nulls, or bytes that are float32. Whoever reads the
// batches, apache-arrow or arrow-stream.ts, gives the buffers of the column; they are checked here.
import { count, counted } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { allocateFloats } from './bytes.ts';
import { badRow, type ColumnRows, checkWidth, rowsOfValues } from './column.ts';
import { fromFloat16 } from './halves.ts';

export type ArrowValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface ArrowType {
  readonly typeId: number;
  readonly children?: readonly { readonly type: ArrowType }[];
  readonly precision?: number;
  readonly listSize?: number;
  readonly byteWidth?: number;
  readonly bitWidth?: number;
  readonly isSigned?: boolean;
}

export interface ArrowData {
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array | undefined;
  readonly valueOffsets?: unknown;
  readonly values?: unknown;
  readonly children: readonly ArrowData[];
}

/** Numbers of types, as the format has them. */
export const TYPE = { int: 2, float: 3, binary: 4, list: 12, fixedBinary: 15, fixedList: 16, largeBinary: 19, largeList: 21 } as const;
const HALF = 0;

/** Whether a column may be vectors: lists of numbers, or bytes. */
export function isVectors({ typeId, children = [] }: ArrowType): boolean {
  if (typeId === TYPE.list || typeId === TYPE.fixedList || typeId === TYPE.largeList) {
    const item = children[0]?.type.typeId;
    return item === TYPE.int || item === TYPE.float;
  }
  return typeId === TYPE.binary || typeId === TYPE.largeBinary || typeId === TYPE.fixedBinary;
}

/** The rows of one batch. */
export function rowsOfData(target: ColumnRows, data: ArrowData): Matrix {
  const { type, length } = data;
  const bounds = boundsOf(target, data); // first: a length that is only claimed would be counted through
  for (let row = 0; row < length; row++) if (isNull(data, row)) throw badRow(target, row, 'a list of numbers', 'null');
  if (type.typeId === TYPE.binary || type.typeId === TYPE.largeBinary || type.typeId === TYPE.fixedBinary) {
    const bytes = data.values as Uint8Array;
    return rowsOfValues(
      target,
      Array.from({ length }, (_, row) => bytes.subarray(bounds(row), bounds(row + 1))),
    );
  }
  const [items] = data.children;
  if (length === 0) return rowsOfValues(target, []);
  const dim = checkWidth(target, 0, bounds(1) - bounds(0));
  for (let row = 1; row < length; row++) checkWidth(target, row, bounds(row + 1) - bounds(row)); // before memory is taken for all
  const floats = allocateFloats(length * dim, target.name);
  for (let row = 0; row < length; row++) {
    const start = bounds(row);
    for (let j = 0; j < dim && items.nullCount > 0; j++) if (isNull(items, start + j)) throw badRow(target, row, `a number as element ${j}`, 'null');
    copyValues(items, start, floats, row * dim, dim);
  }
  target.rows += length;
  return { data: floats, rows: length, dim };
}

function isNull({ nullCount, nullBitmap }: ArrowData, i: number): boolean {
  return nullCount > 0 && nullBitmap !== undefined && nullBitmap.length > 0 && ((nullBitmap[i >> 3] >> (i & 7)) & 1) === 0;
}

/** A function that gives where a row begins among the values, and `length` for the end of the last. All are checked to lie in them. */
function boundsOf(target: ColumnRows, { type, length, valueOffsets, values, children }: ArrowData): (row: number) => number {
  const held = type.children?.length ? (children[0].values as ArrowValues).length : (values as Uint8Array).length;
  const width = type.typeId === TYPE.fixedList ? type.listSize : type.typeId === TYPE.fixedBinary ? type.byteWidth : undefined;
  if (width !== undefined) {
    if (!(width >= 1 && width * length <= held)) throw badRow(target, 0, `${counted(length, 'rows')} of ${count(width)}`, counted(held, 'values'));
    return (row) => row * width;
  }
  const offsets = valueOffsets as Int32Array | BigInt64Array;
  if (offsets.length < length + 1) throw badRow(target, 0, `${count(length + 1)} offsets`, count(offsets.length));
  let before = 0;
  for (let row = 0; row <= length; row++) {
    const offset = Number(offsets[row]);
    if (!(offset >= before && offset <= held)) throw badRow(target, row, `an offset of ${count(before)} to ${count(held)}`, count(offset));
    before = offset;
  }
  return (row) => Number(offsets[row]);
}

function copyValues({ type, values }: ArrowData, start: number, floats: Float32Array, at: number, length: number): void {
  const numbers = values as ArrowValues;
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let j = 0; j < length; j++) floats[at + j] = Number(numbers[start + j]);
  } else if (type.typeId === TYPE.float && type.precision === HALF) {
    for (let j = 0; j < length; j++) floats[at + j] = fromFloat16(numbers[start + j] as number);
  } else floats.set(numbers.subarray(start, start + length), at);
}
