// residual-vq/node: reads and writes the files of Node, and does the verbs on all cores. Formats go by extension; a file is replaced
// in whole or not at all.
import { givenCodebook, parseNamedCodebook, parseNamedCodes, serializeNamedCodes } from '../formats/by-name.ts';
import { serializeCodebook } from '../formats/codebook.ts';
import { extensionOf } from '../formats/extension.ts';
import { checkVectorsOptions, parseVectors, serializeVectors, type VectorsOptions } from '../formats/vectors.ts';
import { type Codebook, checkCodebook } from '../model/codebook.ts';
import type { Codes } from '../model/codes.ts';
import { badArgument } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { optionalSignal, readOptions } from '../model/options.ts';
import { readBytes } from './read.ts';
import { readArrowFile, readParquetFile } from './tables.ts';
import { type WriteOptions, writePieces } from './write.ts';

export type { Codebook } from '../model/codebook.ts';
export type { Codes } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { DecodedMatrix, Matrix } from '../model/matrix.ts';
export type { Pool, PoolOptions } from '../pool/pool.ts';
export { createPool } from './pool.ts';
export type { WriteOptions } from './write.ts';

export type ReadVectorsOptions = VectorsOptions;

export interface WriteCodesOptions extends WriteOptions {
  /** Write as few bits a code as its stage needs, to .safetensors only; default false. */
  packed?: boolean | undefined;
}

/**
 * Reads vectors from .fvecs, .bvecs, .ivecs, .npy, .npz, .safetensors, .f32 (.raw, .bin), and with packages beside this one from .parquet
 * and .arrow (.feather). What is not float32 in the file becomes so. NaN and Infinity are left for the verbs to refuse.
 *
 * @throws RvqError `BAD_FILE` with the byte, `FILE_ACCESS` where the file cannot be read, `UNSUPPORTED` for another extension, and where a
 * package is missing, with its name
 */
export async function readVectors(path: string, options?: ReadVectorsOptions): Promise<Matrix> {
  const given = readOptions('readVectors', options, ['tensor', 'array', 'column', 'dim']);
  const { column } = checkVectorsOptions(checkPath(path), given);
  const format = extensionOf('vectors', path);
  if (format === 'parquet') return readParquetFile(path, column);
  return format === 'arrow' ? readArrowFile(path, column) : parseVectors(await readBytes(path), path, given);
}

/** Writes vectors as .fvecs, .npy, .f32 or .safetensors; as .bvecs and .ivecs where all values are integers of theirs. */
export async function writeVectors(path: string, vectors: Matrix, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeVectors option signal', readOptions('writeVectors', options, ['signal']).signal);
  const extension = extensionOf('vectors', checkPath(path), 'write');
  checkMatrix('vectors', vectors, undefined, { allowEmpty: true });
  await writePieces(path, serializeVectors(vectors, extension), { signal });
}

/** Reads a codebook as `writeCodebook` wrote it, and checks it by its id; or the one that a faiss index holds. */
export async function readCodebook(path: string): Promise<Codebook> {
  extensionOf('codebook', checkPath(path));
  return parseNamedCodebook(await readBytes(path), path);
}

/** Writes a codebook as .safetensors: docs/format.md tells the bytes. */
export async function writeCodebook(path: string, codebook: Codebook, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeCodebook option signal', readOptions('writeCodebook', options, ['signal']).signal);
  extensionOf('codebook', checkPath(path), 'write');
  await writePieces(path, serializeCodebook(checkCodebook(codebook)), { signal });
}

/**
 * Reads codes from .safetensors, .npy (integers, rows x stages), or a faiss index.
 *
 * @param codebook the one they were made with. A .safetensors file names it and a faiss index holds it: another one is refused. A .npy
 * file does not, so it must be given and is taken for the right one.
 */
export async function readCodes(path: string, codebook?: Codebook): Promise<Codes> {
  if (codebook !== undefined) checkCodebook(codebook);
  if (extensionOf('codes', checkPath(path)) === 'npy') givenCodebook(path, codebook);
  return parseNamedCodes(await readBytes(path), path, codebook);
}

/** Writes codes as .safetensors, with the codebook's id, as .npy, without it, or as a faiss index, with the codebook. */
export async function writeCodes(path: string, codes: Codes, codebook: Codebook, options?: WriteCodesOptions): Promise<void> {
  const given = readOptions('writeCodes', options, ['packed', 'signal']);
  const { packed = false } = given;
  const signal = optionalSignal('writeCodes option signal', given.signal);
  if (typeof packed !== 'boolean') throw badArgument('writeCodes option packed', 'true or false', packed);
  await writePieces(path, serializeNamedCodes(codes, checkCodebook(codebook), checkPath(path), { packed }), { signal });
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw badArgument('path', 'the path of a file', path);
  return path;
}
