// .safetensors: an 8-byte length, a JSON header of that length, then the data of the tensors without a gap.
// Source: https://github.com/huggingface/safetensors#format
import type { Bytes } from '../model/arrays.ts';
import { count, counted, describe } from '../model/errors.ts';
import { littleEndianPieces, viewOf } from './bytes.ts';
import { badFile, elementCount, quote, quoteAll, shapeText } from './check.ts';

/** Bits of one element of each type that the format knows. */
const BITS = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  BOOL: 8,
  U8: 8,
  I8: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  C64: 64,
  U64: 64,
  I64: 64,
  F64: 64,
} as const;

export type TensorType = keyof typeof BITS;

export interface Tensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** The first byte of its data in the file, and the first one after it. */
  readonly start: number;
  readonly end: number;
}

export interface Safetensors {
  /** In the order of their data. */
  readonly tensors: readonly Tensor[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads and checks the header: afterwards every tensor lies in the file, has the size of its shape, and they fill it without a gap.
 *
 * @param bytes the file, or as much of it as `headerEnd` says
 * @param size of the file
 */
export function parseSafetensors(bytes: Uint8Array, name: string, size = bytes.length): Safetensors {
  const { header, dataStart } = parseHeader(bytes, name, size);
  const metadata = new Map<string, string>();
  const tensors: Tensor[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') addMetadata(metadata, value, name);
    else tensors.push(checkTensor(key, value, { name, dataStart, size }));
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = dataStart;
  for (const { name: tensor, start, end } of tensors) {
    if (start !== at) throw badFile(name, start, `tensor ${quote(tensor)} at byte ${count(at)}`, start < at ? 'two tensors that overlap' : 'a gap');
    at = end;
  }
  if (at !== size) throw badFile(name, at, 'the end of the file after the last tensor', counted(size - at, 'more bytes'));
  return { tensors, metadata };
}

/** The first byte after the header, which the first 8 bytes of a file say. */
export function headerEnd(bytes: Uint8Array, name: string, size = bytes.length): number {
  if (size < 8) throw badFile(name, 0, 'the 8-byte length of a header', `a file of ${counted(size, 'bytes')}`);
  const view = viewOf(bytes);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER_BYTES) throw badFile(name, 0, `the length of a header, at most ${count(MAX_HEADER_BYTES)}`, count(length));
  if (length > size - 8) throw badFile(name, 8, `a header of ${counted(length, 'bytes')}`, `${counted(size - 8, 'bytes')} to the end of the file`);
  return 8 + length;
}

function parseHeader(bytes: Uint8Array, name: string, size: number): { header: object; dataStart: number } {
  const end = headerEnd(bytes, name, size);
  const header = parseJson(bytes.subarray(8, end));
  if (typeof header !== 'object' || header === null || Array.isArray(header) || bytes[8] !== 0x7b) {
    throw badFile(name, 8, 'a header that is a JSON object', header === undefined ? 'other text' : describe(header));
  }
  return { header, dataStart: end };
}

/** The value, or undefined where the bytes are not JSON in UTF-8. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function addMetadata(metadata: Map<string, string>, value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badFile(name, '__metadata__', 'an object of strings', describe(value));
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw badFile(name, `__metadata__ ${quote(key)}`, 'a string', describe(text));
    metadata.set(key, text);
  }
}

function checkTensor(key: string, value: unknown, file: { name: string; dataStart: number; size: number }): Tensor {
  const at = `tensor ${quote(key)}`;
  const { name, dataStart } = file;
  if (typeof value !== 'object' || value === null) throw badFile(name, at, '{ dtype, shape, data_offsets }', describe(value));
  const { dtype, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (!isTensorType(dtype)) throw badFile(name, at, 'a dtype such as "F32"', describe(dtype));
  if (!isSizes(shape) || Number.isNaN(elementCount(shape))) throw badFile(name, at, 'a shape such as [256, 128]', describeSizes(shape));
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw badFile(name, at, 'data_offsets such as [0, 1024]', describeSizes(offsets));
  }
  const [start, end] = [dataStart + offsets[0], dataStart + offsets[1]];
  if (end > file.size)
    throw badFile(name, at, `data that ends within the file's ${counted(file.size, 'bytes')}`, `data that ends at byte ${count(end)}`);
  const length = (elementCount(shape) * BITS[dtype]) / 8;
  if (end - start !== length) throw badFile(name, at, `${counted(length, 'bytes')} for ${dtype} of shape ${shapeText(shape)}`, count(end - start));
  return { name: key, type: dtype, shape, start, end };
}

function isTensorType(value: unknown): value is TensorType {
  return typeof value === 'string' && Object.hasOwn(BITS, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function describeSizes(value: unknown): string {
  const short = Array.isArray(value) && value.length <= 8 && value.every((size) => typeof size === 'number');
  return short ? shapeText(value) : describe(value);
}

/** Their names, for an error. */
export function tensorNames(tensors: readonly Tensor[]): string {
  return quoteAll(tensors.map(({ name }) => name));
}

/** A tensor that is to be written. */
export interface TensorPlan {
  readonly name: string;
  readonly type: 'F32' | 'U8' | 'U16';
  readonly shape: readonly number[];
}

export interface TensorData extends TensorPlan {
  readonly data: Float32Array | Uint8Array | Uint16Array;
}

/** The bytes of a file, piece by piece: the metadata first, the tensors in the order given, the same bytes for the same input. */
export function* serializeSafetensors(tensors: readonly TensorData[], metadata?: Readonly<Record<string, string>>): Generator<Uint8Array> {
  yield safetensorsHeader(tensors, metadata);
  for (const { data } of tensors) yield* littleEndianPieces(data);
}

/**
 * What a file of these tensors begins with, up to their data.
 *
 * @param least bytes of it, with spaces at its end: where a longer one stood before
 */
export function safetensorsHeader(tensors: readonly TensorPlan[], metadata?: Readonly<Record<string, string>>, least = 0): Bytes {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let at = 0;
  for (const { name, type, shape } of tensors) {
    const end = at + (elementCount(shape) * BITS[type]) / 8;
    header[name] = { dtype: type, shape, data_offsets: [at, end] };
    at = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.max(least - 8, Math.ceil(json.length / 8) * 8); // so that data begins at a multiple of 8 bytes
  const head = new Uint8Array(8 + length).fill(0x20);
  viewOf(head).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return head;
}
