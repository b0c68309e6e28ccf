// Vectors in a file of any of the formats: which one, its extension says.
import { RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { floatsAt } from './bytes.ts';
import { badFile, quote, shapeText, vectorShape } from './check.ts';
import { extensionOf, type VectorExtension } from './extension.ts';
import { formatOf } from './metadata.ts';
import { parseNpyVectors, serializeNpyVectors } from './npy.ts';
import { parseSafetensors, serializeSafetensors, type Tensor, tensorNames } from './safetensors.ts';
import { parseVecs, serializeVecs } from './vecs.ts';

/**
 * Reads vectors. The matrix may share the memory of `bytes`.
 *
 * @param tensor the tensor to read, in a .safetensors file that holds several
 */
export function parseVectors(bytes: Uint8Array, name: string, { tensor }: { tensor?: string | undefined } = {}): Matrix {
  const extension = extensionOf('vectors', name);
  if (extension === 'safetensors') return parseTensor(bytes, name, tensor);
  if (tensor !== undefined) {
    throw new RvqError(
      'INVALID_ARGUMENT',
      'readVectors option tensor',
      `expected none with ${name}, as only .safetensors files have tensors, got ${quote(tensor)}`,
    );
  }
  return extension === 'npy' ? parseNpyVectors(bytes, name) : parseVecs(bytes, name, extension);
}

function parseTensor(bytes: Uint8Array, name: string, wanted: string | undefined): Matrix {
  const { tensors, metadata } = parseSafetensors(bytes, name);
  const ours = formatOf(metadata);
  if (ours !== undefined && wanted === undefined) {
    throw badFile(name, '__metadata__ "format"', 'a file of vectors, or the name of a tensor', quote(ours));
  }
  const tensor = wanted === undefined ? onlyMatrix(tensors, name) : tensors.find((candidate) => candidate.name === wanted);
  if (tensor === undefined) throw badFile(name, 'header', `tensor ${quote(wanted ?? '')}`, tensorNames(tensors));
  const at = `tensor ${quote(tensor.name)}`;
  if (tensor.type !== 'F32') throw badFile(name, at, 'dtype F32', tensor.type);
  const { rows, dim } = vectorShape(name, at, tensor.shape);
  return { data: floatsAt(bytes, tensor.start, rows * dim), rows, dim };
}

/** The one tensor that can be vectors. */
function onlyMatrix(tensors: readonly Tensor[], name: string): Tensor {
  const matrices = tensors.filter(({ type, shape }) => type === 'F32' && shape.length === 2);
  if (matrices.length === 1) return matrices[0];
  if (matrices.length > 1) throw badFile(name, 'header', 'one F32 tensor of two dimensions, or the name of the one to read', tensorNames(matrices));
  const found = tensors.map((tensor) => `${quote(tensor.name)} ${tensor.type} ${shapeText(tensor.shape)}`);
  throw badFile(name, 'header', 'an F32 tensor of two dimensions', found.slice(0, 8).join(', ') || 'no tensor');
}

/** The bytes of a file of these vectors, piece by piece. */
export function serializeVectors(vectors: Matrix, extension: VectorExtension): Iterable<Uint8Array> {
  if (extension === 'npy') return serializeNpyVectors(vectors);
  if (extension !== 'safetensors') return serializeVecs(vectors, extension);
  return serializeSafetensors([{ name: 'vectors', type: 'F32', shape: [vectors.rows, vectors.dim], data: vectors.data }]);
}
