// The tensors of a checkpoint as float32: their widths, weight norm, and checks that name file, tensor and byte.
import type { Floats } from '../../model/arrays.ts';
import { count } from '../../model/errors.ts';
import { firstNotFinite } from '../../model/matrix.ts';
import { allocateFloats, floatsAt, viewOf } from '../bytes.ts';
import { badFile, quote, shapeText } from '../check.ts';
import { fromBfloat16, fromFloat16 } from '../halves.ts';
import type { TensorType } from '../safetensors.ts';

/** A tensor of a file, or of one of several. */
export interface StoredTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** What the file is called, and the byte of it where the data begins. */
  readonly file: string;
  readonly start: number;
}

/** The tensors of a checkpoint, in whatever files they lie. */
export interface Checkpoint {
  /** What it is called, for errors about what it lacks. */
  readonly name: string;
  tensor(name: string): StoredTensor | undefined;
}

/** A tensor that must be there. */
export function needed(checkpoint: Checkpoint, name: string, what: string): StoredTensor {
  const tensor = checkpoint.tensor(name);
  if (tensor === undefined) throw badFile(checkpoint.name, `tensor ${quote(name)}`, what, 'no such tensor');
  return tensor;
}

/** The error for a tensor that does not fit. */
export function badTensor({ name, file }: StoredTensor, expected: string, got: string): Error {
  return badFile(file, `tensor ${quote(name)}`, expected, got);
}

const WIDTHS = { F32: 4, F16: 2, BF16: 2 };

/** The values of a tensor in an array of their own; all of them finite. */
export function floatsOf(tensor: StoredTensor): Floats {
  const { type, shape, data, file, start } = tensor;
  if (type !== 'F32' && type !== 'F16' && type !== 'BF16') throw badTensor(tensor, 'dtype F32, F16 or BF16', type);
  const floats = allocateFloats(data.length / WIDTHS[type], file);
  if (type === 'F32') {
    floats.set(floatsAt(data, 0, floats.length));
  } else {
    const widen = type === 'F16' ? fromFloat16 : fromBfloat16;
    const view = viewOf(data);
    for (let i = 0; i < floats.length; i++) floats[i] = widen(view.getUint16(2 * i, true));
  }
  const bad = firstNotFinite(floats);
  if (bad >= 0) {
    const byte = start + bad * WIDTHS[type];
    throw badTensor(tensor, 'finite values', `${floats[bad]} at element ${count(bad)} of shape ${shapeText(shape)}, byte ${count(byte)}`);
  }
  return floats;
}

/** The shape of a tensor without the dimensions of one value that convolutions append. */
export function plainShape({ shape }: StoredTensor, dims: number): readonly number[] {
  return shape.length > dims && shape.slice(dims).every((size) => size === 1) ? shape.slice(0, dims) : shape;
}
