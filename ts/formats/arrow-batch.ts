// The columns of a batch of an Arrow stream: those that are kept go on as they came, byte for byte; the one of the vectors is read.
import type { Bytes } from '../model/arrays.ts';
import { count, counted } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { type ArrowData, type ArrowType, type ArrowValues, rowsOfData, TYPE } from './arrow-rows.ts';
import type { ArrowField, ArrowSchema } from './arrow-schema.ts';
import { messageBytes, type StreamMessage } from './arrow-stream.ts';
import { joinPieces, viewOf } from './bytes.ts';
import { badFile, quote } from './check.ts';
import type { ColumnRows } from './column.ts';
import type { FlatValues } from './flatbuffer.ts';

interface Node {
  readonly length: number;
  readonly nulls: number;
}

/** A column of a batch, with its children: its nodes, and its buffers as they lie in the body. */
export interface ColumnData {
  readonly nodes: readonly Node[];
  readonly buffers: readonly Uint8Array[];
  /** int64 each: how many buffers the views of its columns point into. */
  readonly views: Uint8Array;
}

/** Gives `length` bytes of what was compressed, or throws. */
export type Decompress = (codec: string, bytes: Uint8Array, length: number) => Uint8Array;

const NO_VIEWS = new Uint8Array(0);
/** What stands before a buffer that is not compressed, among some that are. */
const PLAIN = -1n;

/** The columns of a batch, as many as the schema has. */
export function columnsOf({ fields }: ArrowSchema, { values, batch, body }: StreamMessage, name: string): ColumnData[] {
  const counts = (values[2] as FlatValues)[4];
  const views = counts instanceof Uint8Array ? counts : NO_VIEWS;
  const place = { nodes: 0, buffers: 0, views: 0 };
  const columns = fields.map(({ parts }) => {
    const view = views.subarray(8 * place.views, 8 * (place.views + parts.views));
    let more = 0;
    for (let i = 0; i < view.length; i += 8) {
      const buffers = Number(viewOf(view).getBigInt64(i, true));
      if (!(buffers >= 0)) throw badFile(name, 'batch', 'how many buffers a column of views has', count(buffers));
      more += buffers;
    }
    const nodes = batch.nodes.slice(place.nodes, place.nodes + parts.nodes);
    const buffers = batch.buffers.slice(place.buffers, place.buffers + parts.buffers + more);
    place.nodes += parts.nodes;
    place.buffers += parts.buffers + more;
    place.views += parts.views;
    return { nodes, views: view, buffers: buffers.map(({ start, length }) => body.subarray(start, start + length)) };
  });
  if (place.nodes !== batch.nodes.length || place.buffers !== batch.buffers.length || 8 * place.views !== views.length) {
    const got = `${count(batch.nodes.length)} nodes and ${count(batch.buffers.length)} buffers`;
    throw badFile(name, 'batch', `${count(place.nodes)} nodes and ${count(place.buffers)} buffers, as the schema has`, got);
  }
  return columns;
}

/** The rows of the vectors' column. */
export function vectorsOf(target: ColumnRows, { type }: ArrowField, column: ColumnData, { batch }: StreamMessage, decompress: Decompress): Matrix {
  const { name } = target;
  if (batch.rows === 0) return { data: new Float32Array(0), rows: 0, dim: target.dim ?? 1 };
  const buffers = batch.codec === undefined ? column.buffers : column.buffers.map((buffer) => plain(buffer, batch.codec ?? '', decompress));
  const nodes = [...column.nodes];
  if (nodes[0].length !== batch.rows)
    throw badFile(name, `column ${quote(target.column)}`, `${counted(batch.rows, 'rows')}, as the batch has`, count(nodes[0].length));
  return rowsOfData(target, dataOf(type, nodes, [...buffers]));
}

function plain(buffer: Uint8Array, codec: string, decompress: Decompress): Uint8Array {
  if (buffer.length < 8) return buffer;
  const length = viewOf(buffer).getBigInt64(0, true);
  return length === PLAIN ? buffer.subarray(8) : decompress(codec, buffer.subarray(8), Number(length));
}

/** The column as apache-arrow gives it. Takes its nodes and buffers from the start of the lists. */
function dataOf(type: ArrowType, nodes: Node[], buffers: Uint8Array[]): ArrowData {
  const { typeId } = type;
  const take = (): Uint8Array => buffers.shift() ?? NO_VIEWS;
  const { length, nulls: nullCount } = nodes.shift() ?? { length: 0, nulls: 0 };
  const own = { type, length, nullCount, nullBitmap: take() };
  const is32 = typeId === TYPE.list || typeId === TYPE.binary;
  const is64 = typeId === TYPE.largeList || typeId === TYPE.largeBinary;
  const valueOffsets = is32 ? arrayOf<Int32Array>(Int32Array, take()) : is64 ? arrayOf<BigInt64Array>(BigInt64Array, take()) : undefined;
  const values = type.children?.length ? undefined : arrayOf(elementsOf(type), take());
  return { ...own, valueOffsets, values, children: (type.children ?? []).map((child) => dataOf(child.type, nodes, buffers)) };
}

type ArrayType<T> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, byteOffset: number, length: number): T };

/** The whole elements in some bytes: in place where they are aligned. */
function arrayOf<T>(type: ArrayType<T>, bytes: Uint8Array): T {
  const size = type.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(bytes.length / size));
}

function elementsOf({ typeId, precision = 0, bitWidth = 0, isSigned }: ArrowType): ArrayType<ArrowValues> {
  if (typeId === TYPE.float) return [Uint16Array, Float32Array, Float64Array][precision] ?? Float64Array;
  if (typeId !== TYPE.int) return Uint8Array;
  if (bitWidth === 64) return isSigned ? BigInt64Array : BigUint64Array;
  if (bitWidth === 32) return isSigned ? Int32Array : Uint32Array;
  if (bitWidth === 16) return isSigned ? Int16Array : Uint16Array;
  return isSigned ? Int8Array : Uint8Array;
}

/** Columns of our own, which have no nulls: a list of numbers of one width, a list of any width, bytes, numbers. */
export function fixedListColumn(rows: number, width: number, values: Uint8Array): ColumnData {
  return { nodes: [nodeOf(rows), nodeOf(rows * width)], buffers: [NO_VIEWS, NO_VIEWS, values], views: NO_VIEWS };
}

export function listColumn(rows: number, width: number, values: Uint8Array): ColumnData {
  return { nodes: [nodeOf(rows), nodeOf(rows * width)], buffers: [NO_VIEWS, offsetBytes(rows, width), NO_VIEWS, values], views: NO_VIEWS };
}

export function bytesColumn(rows: number, width: number, values: Uint8Array): ColumnData {
  return { nodes: [nodeOf(rows)], buffers: [NO_VIEWS, offsetBytes(rows, width), values], views: NO_VIEWS };
}

export function numbersColumn(rows: number, values: Uint8Array): ColumnData {
  return { nodes: [nodeOf(rows)], buffers: [NO_VIEWS, values], views: NO_VIEWS };
}

function nodeOf(length: number): Node {
  return { length, nulls: 0 };
}

function offsetBytes(rows: number, width: number): Uint8Array {
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * width);
  return new Uint8Array(offsets.buffer);
}

/** The message of a batch of columns that came with `like`, and of others. */
export function batchBytes(
  rows: number,
  { kept, own }: { kept: readonly ColumnData[]; own: readonly ColumnData[] },
  { version, like }: { version: number; like?: StreamMessage | undefined },
): Bytes {
  const compression = (like?.values[2] as FlatValues | undefined)?.[3];
  const columns = [...kept, ...(compression === undefined ? own : own.map(amongCompressed))];
  const buffers = columns.flatMap((column) => column.buffers);
  const places: bigint[] = [];
  let end = 0;
  for (const { length } of buffers) {
    places.push(BigInt(end), BigInt(length));
    end += Math.ceil(length / 8) * 8;
  }
  const body = new Uint8Array(end);
  buffers.forEach((buffer, i) => {
    body.set(buffer, Number(places[2 * i]));
  });
  const nodes = columns.flatMap((column) => column.nodes.flatMap(({ length, nulls }) => [BigInt(length), BigInt(nulls)]));
  const views = Uint8Array.from(kept.flatMap((column) => [...column.views]));
  const batch = [BigInt(rows), longs(nodes), longs(places), compression, views.length === 0 ? undefined : views];
  return messageBytes([version, 3, batch, BigInt(end), like?.values[4]], body);
}

function amongCompressed(column: ColumnData): ColumnData {
  const mark = longs([PLAIN]);
  return { ...column, buffers: column.buffers.map((buffer) => (buffer.length === 0 ? buffer : joinPieces([mark, buffer]))) };
}

function longs(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values).buffer);
}
