// Vectors in a file of any of the formats: which one, its extension says.
import { badArgument, RvqError } from '../model/errors.ts';
import { MAX_DIM, type Matrix } from '../model/matrix.ts';
import { integer } from '../model/options.ts';
import { badFile, quote, shapeText, vectorShape } from './check.ts';
import { type ElementType, elementBytes, elementsAt, isWhole } from './elements.ts';
import { extensionOf, type VectorFormat } from './extension.ts';
import { formatOf } from './metadata.ts';
import { npyRows, parseNpyVectors, serializeNpyVectors } from './npy.ts';
import { npyHead } from './npy-header.ts';
import { parseNpzVectors } from './npz.ts';
import { rawRows, serializeRaw } from './raw.ts';
import type { FileRows } from './rows.ts';
import { headerEnd, parseSafetensors, serializeSafetensors, type Tensor, type TensorType, tensorNames } from './safetensors.ts';
import { serializeVecs, vecsRows } from './vecs.ts';

/** Which vectors of a file to read, where its format leaves that open. */
export interface VectorsOptions {
  /** The tensor, in a .safetensors file that holds several. */
  tensor?: string | undefined;
  /** The array, in an .npz file that holds several. */
  array?: string | undefined;
  /** The column, in a .parquet, .arrow or .feather file that holds several that may be vectors. */
  column?: string | undefined;
  /** Floats a row, in an .f32, .raw or .bin file, which holds nothing but them. */
  dim?: number | undefined;
}

/** The option of each format that has one. */
const OPTIONS = { safetensors: 'tensor', npz: 'array', parquet: 'column', arrow: 'column', f32: 'dim' } as const;

/** The options after a check that the format of the file has those that are given. */
export function checkVectorsOptions(name: string, { tensor, array, column, dim }: VectorsOptions): VectorsOptions {
  const format = extensionOf('vectors', name);
  const own = format in OPTIONS ? OPTIONS[format as keyof typeof OPTIONS] : undefined;
  for (const [option, value] of Object.entries({ tensor, array, column, dim })) {
    if (value === undefined || option === own) continue;
    const others = Object.entries(OPTIONS).flatMap(([other, has]) => (has === option ? [`.${other}`] : []));
    throw badArgument(`readVectors option ${option}`, `none with ${name}: it is for ${others.join(' and ')} files`, value);
  }
  for (const [option, value] of Object.entries({ tensor, array, column })) {
    if (value !== undefined && typeof value !== 'string') throw badArgument(`readVectors option ${option}`, `the name of one`, value);
  }
  if (own === 'dim') {
    if (dim === undefined) throw badArgument('readVectors option dim', `the number of floats a row, which ${name} does not say`, dim);
    integer('readVectors option dim', dim, 1, MAX_DIM);
  }
  return { tensor, array, column, dim };
}

/** Reads vectors. The matrix may share the memory of `bytes`. */
export function parseVectors(bytes: Uint8Array, name: string, options: VectorsOptions = {}): Matrix {
  const { array } = checkVectorsOptions(name, options);
  const format = extensionOf('vectors', name);
  switch (format) {
    case 'npy':
      return parseNpyVectors(bytes, name);
    case 'npz':
      return parseNpzVectors(bytes, name, array);
    case 'parquet':
    case 'arrow': {
      const [verb, library] = format === 'parquet' ? ['readParquet', 'hyparquet'] : ['readArrow', 'apache-arrow'];
      throw new RvqError('UNSUPPORTED', name, `expected ${verb}(bytes, ${library}), or readVectors of residual-vq/node, to read a .${format} file`);
    }
    default: {
      const { rows, dim, start, rowBytes, read } = rowsIn(format, bytes, bytes.length, name, options);
      return { data: read(bytes.subarray(start, start + rows * rowBytes), 0), rows, dim };
    }
  }
}

/** How many bytes from its start `vectorRows` takes of a file, or `codeRows`. The first 12 of them, or all of a shorter file, tell. */
export function vectorHead(first: Uint8Array, size: number, name: string): number {
  const format = extensionOf('any file', name);
  if (format === 'npy') return npyHead(first, name, size);
  if (format === 'safetensors') return headerEnd(first, name, size);
  return Math.min(size, 4);
}

/**
 * Where the rows of a file lie, for reading it part by part; undefined where that cannot be done: .npz, .parquet, .arrow, and .npy in
 * Fortran order.
 *
 * @param head the first bytes of the file, as many as `vectorHead` says, or more
 * @param size the bytes of the whole file
 */
export function vectorRows(head: Uint8Array, size: number, name: string, options: VectorsOptions = {}): FileRows | undefined {
  checkVectorsOptions(name, options);
  const format = extensionOf('vectors', name);
  if (format === 'npy') return npyRows(head, size, name);
  return format === 'npz' || format === 'parquet' || format === 'arrow' ? undefined : rowsIn(format, head, size, name, options);
}

function rowsIn(
  format: 'fvecs' | 'bvecs' | 'ivecs' | 'safetensors' | 'f32',
  head: Uint8Array,
  size: number,
  name: string,
  { tensor, dim = 0 }: VectorsOptions,
): FileRows {
  if (format === 'f32') return rawRows(size, name, dim);
  return format === 'safetensors' ? tensorRows(head, size, name, tensor) : vecsRows(head, size, name, format);
}

/** The types of tensors that may be vectors. */
const ELEMENTS: Partial<Record<TensorType, ElementType>> = {
  F16: 'f2',
  BF16: 'bf2',
  F32: 'f4',
  F64: 'f8',
  I8: 'i1',
  U8: 'u1',
  I16: 'i2',
  U16: 'u2',
  I32: 'i4',
  U32: 'u4',
  I64: 'i8',
  U64: 'u8',
};

function tensorRows(head: Uint8Array, size: number, name: string, wanted: string | undefined): FileRows {
  const { tensors, metadata } = parseSafetensors(head, name, size);
  const ours = formatOf(metadata);
  if (ours !== undefined && wanted === undefined) {
    throw badFile(name, '__metadata__ "format"', 'a file of vectors, or the name of a tensor', quote(ours));
  }
  const tensor = wanted === undefined ? onlyMatrix(tensors, name) : tensors.find((candidate) => candidate.name === wanted);
  if (tensor === undefined) throw badFile(name, 'header', `tensor ${quote(wanted ?? '')}`, tensorNames(tensors));
  const at = `tensor ${quote(tensor.name)}`;
  const type = ELEMENTS[tensor.type];
  if (type === undefined) throw badFile(name, at, `a dtype of ${Object.keys(ELEMENTS).join(', ')}`, tensor.type);
  const { rows, dim } = vectorShape(name, at, tensor.shape);
  const rowBytes = dim * elementBytes(type);
  const layout = { type, littleEndian: true };
  return { rows, dim, start: tensor.start, rowBytes, read: (bytes) => elementsAt(bytes, 0, (bytes.length / rowBytes) * dim, layout, name) };
}

/** The one tensor that can be vectors. */
function onlyMatrix(tensors: readonly Tensor[], name: string): Tensor {
  const matrices = tensors.filter(({ type, shape }) => shape.length === 2 && isFloating(type));
  if (matrices.length === 1) return matrices[0];
  if (matrices.length > 1)
    throw badFile(name, 'header', 'one tensor of floats of two dimensions, or the name of the one to read', tensorNames(matrices));
  const found = tensors.map((tensor) => `${quote(tensor.name)} ${tensor.type} ${shapeText(tensor.shape)}`);
  throw badFile(name, 'header', 'a tensor of floats of two dimensions', found.slice(0, 8).join(', ') || 'no tensor');
}

function isFloating(type: TensorType): boolean {
  const element = ELEMENTS[type];
  return element !== undefined && !isWhole(element);
}

/** The bytes of a file of these vectors, piece by piece. */
export function serializeVectors(vectors: Matrix, format: VectorFormat): Iterable<Uint8Array> {
  if (format === 'npy') return serializeNpyVectors(vectors);
  if (format === 'f32') return serializeRaw(vectors);
  if (format !== 'safetensors') return serializeVecs(vectors, format);
  return serializeSafetensors([{ name: 'vectors', type: 'F32', shape: [vectors.rows, vectors.dim], data: vectors.data }]);
}
