// .arrow and .feather: a column of lists of numbers, or of bytes that are float32. apache-arrow reads it, which whoever calls brings along;
// its metadata are checked before, and what it gives after.
import { count, RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { readOptions } from '../model/options.ts';
import { checkArrow } from './arrow-layout.ts';
import { allocateFloats } from './bytes.ts';
import { badFile } from './check.ts';
import { badRow, type ColumnRows, checkWidth, chooseColumn, joinBlocks, rowsOfValues } from './column.ts';
import { fromFloat16 } from './halves.ts';
import { checkBytes, checkName } from './named.ts';
import type { TableFacts } from './parquet.ts';

type Values =
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

interface ArrowType {
  readonly typeId: number;
  readonly children?: readonly { readonly type: ArrowType }[];
  readonly precision?: number;
  readonly listSize?: number;
  readonly byteWidth?: number;
}

interface ArrowData {
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array | undefined;
  readonly valueOffsets?: unknown;
  readonly values?: unknown;
  readonly children: readonly ArrowData[];
}

/** What is used of the package apache-arrow: `import * as arrow from 'apache-arrow'`. */
export interface ApacheArrow {
  tableFromIPC(bytes: Uint8Array): {
    readonly schema: { readonly fields: readonly { readonly name: string; readonly type: ArrowType }[] };
    readonly batches: readonly { readonly numRows: number; readonly data: { readonly children: readonly ArrowData[] } }[];
  };
}

export interface ReadArrowOptions {
  /** What the bytes are called in errors; default "vectors.arrow". */
  name?: string | undefined;
  /** The column, where several may be vectors. */
  column?: string | undefined;
}

/** Numbers of types: apache-arrow's, which are those of the format. */
const TYPE = { int: 2, float: 3, binary: 4, list: 12, fixedBinary: 15, fixedList: 16, largeBinary: 19, largeList: 21 } as const;
const HALF = 0;

/**
 * Reads vectors from the bytes of an Arrow file or stream, or of Feather V2: a column of lists of numbers, of one length and without nulls,
 * or of bytes that are little-endian float32. The buffers must not be compressed.
 *
 * @param arrow the package apache-arrow: `import * as arrow from 'apache-arrow'`
 * @throws RvqError `BAD_FILE` with the byte, or the column and row
 */
export function readArrow(bytes: Uint8Array, arrow: ApacheArrow, options?: ReadArrowOptions): Matrix {
  const given = readOptions('readArrow', options, ['name', 'column']);
  const name = checkName('readArrow', given.name ?? 'vectors.arrow');
  const { fields, blocks } = readTable(checkBytes(bytes), name, arrow);
  const column = chooseColumn(name, given.column, fields);
  const index = fields.findIndex((field) => field.name === column && field.vectors);
  const target: ColumnRows = { name, column, dim: undefined, rows: 0 };
  return joinBlocks(
    name,
    column,
    blocks.map(({ numRows, children }) => {
      const data = children[index];
      if (data?.length !== numRows) throw badRow(target, 0, `${count(numRows)} rows`, count(data?.length ?? 0));
      return fromLibrary(name, () => rowsOfData(target, data));
    }),
  );
}

/** What the table is, without its rows. */
export function inspectArrow(bytes: Uint8Array, name: string, arrow: ApacheArrow): TableFacts {
  const { fields, blocks } = readTable(bytes, name, arrow);
  return { rows: blocks.reduce((rows, block) => rows + block.numRows, 0), columns: fields };
}

function readTable(bytes: Uint8Array, name: string, arrow: ApacheArrow) {
  checkArrow(bytes, name);
  return fromLibrary(name, () => {
    const { schema, batches } = arrow.tableFromIPC(bytes);
    const fields = schema.fields.map((field) => ({ name: field.name, vectors: isVectors(field.type) }));
    return { fields, blocks: batches.map(({ numRows, data }) => ({ numRows, children: data.children })) };
  });
}

/** What the library throws at bytes that are no Arrow becomes ours. */
function fromLibrary<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof RvqError) throw cause;
    throw badFile(name, 'data', 'Arrow', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function isVectors({ typeId, children = [] }: ArrowType): boolean {
  if (typeId === TYPE.list || typeId === TYPE.fixedList || typeId === TYPE.largeList) {
    const item = children[0]?.type.typeId;
    return item === TYPE.int || item === TYPE.float;
  }
  return typeId === TYPE.binary || typeId === TYPE.largeBinary || typeId === TYPE.fixedBinary;
}

/** The rows of one batch. */
function rowsOfData(target: ColumnRows, data: ArrowData): Matrix {
  const { type, length } = data;
  for (let row = 0; row < length; row++) if (isNull(data, row)) throw badRow(target, row, 'a list of numbers', 'null');
  const bounds = boundsOf(target, data);
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
  const held = type.children?.length ? (children[0].values as Values).length : (values as Uint8Array).length;
  const width = type.typeId === TYPE.fixedList ? type.listSize : type.typeId === TYPE.fixedBinary ? type.byteWidth : undefined;
  if (width !== undefined) {
    if (!(width >= 1 && width * length <= held)) throw badRow(target, 0, `${count(length)} rows of ${count(width)}`, `${count(held)} values`);
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
  const numbers = values as Values;
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    for (let j = 0; j < length; j++) floats[at + j] = Number(numbers[start + j]);
  } else if (type.typeId === TYPE.float && type.precision === HALF) {
    for (let j = 0; j < length; j++) floats[at + j] = fromFloat16(numbers[start + j] as number);
  } else floats.set(numbers.subarray(start, start + length), at);
}
