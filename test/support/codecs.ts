// Checkpoints for tests: those of other programs in test/fixtures/codecs, and ones put together of tensors.
import { readFileSync } from 'node:fs';
import { type Matrix, matrix } from '../../ts/model/matrix.ts';
import { projectPath } from './data.ts';

export const CODECS = [
  'encodec',
  'dac',
  'mimi',
  'higgs_audio',
  'original_encodec',
  'original_encodec_projected',
  'original_dac',
  'original_dac_parametrized',
  'original_mimi',
  'vqp',
  'vqp_projected',
  'vqp_cosine',
  'vqp_cosine_projected',
  'vqp_shared',
] as const;

export type CodecName = (typeof CODECS)[number];

export function codecPath(name: CodecName, file = 'model.safetensors'): string {
  return projectPath(`test/fixtures/codecs/${name}/${file}`);
}

/** The bytes of a checkpoint, in an array of their own. */
export function checkpoint(name: CodecName): Uint8Array {
  return Uint8Array.from(readFileSync(codecPath(name)));
}

/** What the codec's own code was given and made of it; codes as rows x stages. */
export function golden(name: CodecName): { rows: Matrix; codes: number[]; decoded: Float32Array } {
  const [rows, decoded] = ['x.npy', 'deq.npy'].map((file) => npy(codecPath(name, file)));
  const { shape, data } = npy(codecPath(name, 'codes.npy'));
  const [stages, count] = shape;
  const codes = Array.from({ length: stages * count }, (_, i) => Number(new BigInt64Array(data)[(i % stages) * count + Math.floor(i / stages)]));
  return { rows: matrix(new Float32Array(rows.data), rows.shape[1]), codes, decoded: new Float32Array(decoded.data) };
}

/** A .npy of version 1 in C order. */
function npy(path: string): { shape: number[]; data: ArrayBuffer } {
  const bytes = Uint8Array.from(readFileSync(path));
  const start = 10 + new DataView(bytes.buffer).getUint16(8, true);
  const shape = /'shape': \(([^)]*)\)/.exec(new TextDecoder().decode(bytes.subarray(10, start)))?.[1] ?? '';
  return { shape: shape.split(',').filter(Boolean).map(Number), data: bytes.buffer.slice(start) };
}

/** A tensor as its bytes. */
export interface RawTensor {
  dtype: string;
  shape: number[];
  data: Uint8Array;
}

export type Tensors = Record<string, RawTensor>;

/** A float32 tensor. */
export function floats(shape: number[], values: ArrayLike<number> | ((i: number) => number)): RawTensor {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length }, (_, i) => (typeof values === 'function' ? values(i) : values[i]));
  return { dtype: 'F32', shape, data: new Uint8Array(data.buffer) };
}

/** The tensors of a .safetensors file, and its metadata. */
export function tensorsOf(file: Uint8Array): { tensors: Tensors; metadata: Record<string, string> } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const { __metadata__: metadata = {}, ...header } = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const tensors: Tensors = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries<{ dtype: string; shape: number[]; data_offsets: number[] }>(header)) {
    tensors[name] = { dtype, shape, data: file.slice(8 + length + data_offsets[0], 8 + length + data_offsets[1]) };
  }
  return { tensors, metadata };
}

/** The bytes of a .safetensors file of these tensors. */
export function fileOf(tensors: Tensors, metadata?: Record<string, string>): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Uint8Array.from(Buffer.concat([length, text, ...Object.values(tensors).map(({ data }) => data)]));
}

/** The tensors under other names; those that become undefined are left out. */
export function renamed(tensors: Tensors, rename: (name: string) => string | undefined): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => {
      const other = rename(name);
      return other === undefined ? [] : [[other, tensor]];
    }),
  );
}

/** Tensors without what is not the quantizer's: small files for tests that try much. */
export function quantizerOf(name: CodecName): Tensors {
  return renamed(tensorsOf(checkpoint(name)).tensors, (tensor) => (/^(en|de)coder|^quantizer\.other/.test(tensor) ? undefined : tensor));
}

/** The nearest bfloat16 or binary16 of a float32's bits, ties to even; for values that are neither tiny nor huge. */
export function narrowed(tensor: RawTensor, dtype: 'F16' | 'BF16'): RawTensor {
  if (tensor.dtype !== 'F32') return tensor;
  const words = new Uint32Array(tensor.data.slice().buffer);
  const halves = Uint16Array.from(words, (word) => (dtype === 'BF16' ? (word + 0x7fff + ((word >>> 16) & 1)) >>> 16 : toFloat16(word)));
  return { dtype, shape: tensor.shape, data: new Uint8Array(halves.buffer) };
}

function toFloat16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const value = Math.abs(new Float32Array(Uint32Array.of(word).buffer)[0]);
  const exponent = Math.max(Math.floor(Math.log2(value || 2 ** -24)), -14);
  const scaled = value / 2 ** (exponent - 10); // 1024 to 2048, or less where it is subnormal
  const floor = Math.floor(scaled);
  const fraction = floor + (scaled - floor > 0.5 || (scaled - floor === 0.5 && floor % 2 === 1) ? 1 : 0);
  return sign | (((exponent + 14) << 10) + fraction);
}

/** What narrowing leaves of the values, as float32 again. */
export function widened({ dtype, shape, data }: RawTensor): RawTensor {
  if (dtype !== 'F16' && dtype !== 'BF16') return { dtype, shape, data };
  const halves = new Uint16Array(data.slice().buffer);
  return floats(shape, (i) => (dtype === 'BF16' ? new Float32Array(Uint32Array.of(halves[i] << 16).buffer)[0] : fromFloat16(halves[i])));
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  return sign * (exponent === 0 ? (half & 1023) / 2 ** 24 : (1 + (half & 1023) / 1024) * 2 ** (exponent - 15));
}
