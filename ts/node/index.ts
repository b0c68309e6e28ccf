// residual-vq/node: reads and writes the files of Node, and does the verbs on all cores. Formats go by extension; a file is replaced
// in whole or not at all.
import { codesFormat, givenCodebook, parseNamedCodebook, parseNamedCodes, serializeNamedCodes } from '../formats/by-name.ts';
import { parseCheckpoint, serializeCheckpoint } from '../formats/checkpoint.ts';
import { serializeCodebook } from '../formats/codebook.ts';
import { extensionOf } from '../formats/extension.ts';
import { codesWriter, countsRows, type RowWriter, vectorWriter } from '../formats/row-writers.ts';
import { checkVectorsOptions, parseVectors, serializeVectors, type VectorsOptions } from '../formats/vectors.ts';
import { type Codebook, checkCodebook } from '../model/codebook.ts';
import { type Codec, checkCodec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { optionalSignal, readOptions } from '../model/options.ts';
import { isSource, type Source } from '../model/sources.ts';
import { checkCodeBlocks, checkVectorBlocks } from '../model/stream-blocks.ts';
import type { TrainCheckpoint } from '../model/training.ts';
import { type CodesFile, openCodesFile, openVectorsFile, type VectorsFile } from './open.ts';
import { checkPath, readBytes } from './read.ts';
import { collectCodes, rowPieces } from './save.ts';
import { openParquetFile, readArrowFile, readParquetFile } from './tables.ts';
import { type WriteOptions, writePieces } from './write.ts';

export type { Codebook } from '../model/codebook.ts';
export type { Codec } from '../model/codec.ts';
export type { Codes } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { DecodedMatrix, Matrix } from '../model/matrix.ts';
export type { TrainCheckpoint } from '../model/training.ts';
export type { Pool, PoolOptions } from '../pool/pool.ts';
export { type ReadCodecOptions, readCodec } from './codec.ts';
export type { CodesFile, VectorsFile } from './open.ts';
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

/**
 * Opens a file of vectors that need not fit into memory: what it says of them, and the blocks of its rows, about two megabytes each, as often
 * as they are asked for; those of .parquet are its row groups. Files of .npz and .arrow, and .npy in Fortran order, are read in whole all the same.
 */
export async function openVectors(path: string, options?: ReadVectorsOptions): Promise<VectorsFile> {
  const given = readOptions('openVectors', options, ['tensor', 'array', 'column', 'dim']);
  const { column } = checkVectorsOptions(checkPath(path), given);
  if (extensionOf('vectors', path) === 'parquet') return openParquetFile(path, column);
  return openVectorsFile(path, given, () => readVectors(path, given));
}

/**
 * Writes vectors as .fvecs, .npy, .f32 or .safetensors; as .bvecs and .ivecs where all values are integers of theirs.
 *
 * @param vectors a matrix, or blocks of rows that are written as they come: an iterable, async or not, or a ReadableStream
 */
export async function writeVectors(path: string, vectors: Matrix | Source<Matrix>, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeVectors option signal', readOptions('writeVectors', options, ['signal']).signal);
  const format = extensionOf('vectors', checkPath(path), 'write');
  if (!isSource(vectors)) {
    checkMatrix('vectors', vectors, undefined, { allowEmpty: true });
    return writePieces(path, serializeVectors(vectors, format), { signal });
  }
  const writer = (block: Matrix | undefined): RowWriter<Matrix> => {
    if (block === undefined) throw new RvqError('INVALID_ARGUMENT', 'vectors', 'expected at least one block of rows, got none');
    return vectorWriter(format, block.dim);
  };
  const saved = rowPieces({ source: vectors, counted: countsRows(format), check: checkVectorBlocks(), writer, signal });
  await writePieces(path, saved.pieces, saved.options);
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
export async function readCodes(path: string, codebook?: Codec): Promise<Codes> {
  if (codebook !== undefined) checkCodec(codebook);
  if (extensionOf('codes', checkPath(path)) === 'npy') givenCodebook(path, codebook);
  return parseNamedCodes(await readBytes(path), path, codebook);
}

/** Opens a file of codes that need not fit into memory, as `openVectors` does one of vectors. A faiss index is read in whole all the same. */
export async function openCodes(path: string, codebook: Codec): Promise<CodesFile> {
  checkCodec(codebook);
  extensionOf('codes', checkPath(path));
  return openCodesFile(path, codebook, () => readCodes(path, codebook));
}

/**
 * Writes codes as .safetensors, with the codebook's id, as .npy, without it, or as a faiss index, with the codebook.
 *
 * @param codes Codes, or blocks of them that are written as they come: an iterable, async or not, or a ReadableStream. For a faiss index
 *   they are collected first
 */
export async function writeCodes(path: string, codes: Codes | Source<Codes>, codebook: Codec, options?: WriteCodesOptions): Promise<void> {
  const given = readOptions('writeCodes', options, ['packed', 'signal']);
  const { packed = false } = given;
  const signal = optionalSignal('writeCodes option signal', given.signal);
  if (typeof packed !== 'boolean') throw badArgument('writeCodes option packed', 'true or false', packed);
  checkCodec(codebook);
  const format = codesFormat(checkPath(path), packed);
  if (!isSource(codes)) return writePieces(path, serializeNamedCodes(codes, codebook, path, { packed }), { signal });
  if (format === 'faissindex') return writePieces(path, serializeNamedCodes(await collectCodes(codes, codebook, signal), codebook, path), { signal });
  const writer = codesWriter(format, codebook, { packed });
  const saved = rowPieces({ source: codes, counted: countsRows(format), check: checkCodeBlocks(codebook), writer: () => writer, signal });
  await writePieces(path, saved.pieces, saved.options);
}

/** Reads a checkpoint of training as `writeCheckpoint` wrote it, for train's option `resume`. */
export async function readCheckpoint(path: string): Promise<TrainCheckpoint> {
  extensionOf('checkpoint', checkPath(path));
  return parseCheckpoint(await readBytes(path), path);
}

/** Writes what train's option `onCheckpoint` is given as .safetensors: docs/format.md tells the bytes. */
export async function writeCheckpoint(path: string, checkpoint: TrainCheckpoint, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeCheckpoint option signal', readOptions('writeCheckpoint', options, ['signal']).signal);
  extensionOf('checkpoint', checkPath(path), 'write');
  await writePieces(path, serializeCheckpoint(checkpoint), { signal });
}
