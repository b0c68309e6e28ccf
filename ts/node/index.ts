// residual-vq/node: reads and writes the files of Node, and does the verbs on all cores. Formats go by extension; a file is replaced
// in whole or not at all.
import { parseCodebook, serializeCodebook } from '../formats/codebook.ts';
import { fittingCodes, parseCodes, parseCodesNpy, serializeCodes } from '../formats/codes.ts';
import { extensionOf } from '../formats/extension.ts';
import { serializeNpyCodes } from '../formats/npy.ts';
import { parseVectors, serializeVectors } from '../formats/vectors.ts';
import { type Codebook, checkCodebook } from '../model/codebook.ts';
import { type Codec, checkCodec } from '../model/codec.ts';
import { type Codes, checkCodes } from '../model/codes.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { optionalSignal, readOptions } from '../model/options.ts';
import { checkPath, readBytes } from './read.ts';
import { type WriteOptions, writePieces } from './write.ts';

export type { Codebook } from '../model/codebook.ts';
export type { Codec } from '../model/codec.ts';
export type { Codes } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { DecodedMatrix, Matrix } from '../model/matrix.ts';
export type { Pool, PoolOptions } from '../pool/pool.ts';
export { type ReadCodecOptions, readCodec } from './codec.ts';
export { createPool } from './pool.ts';
export type { WriteOptions } from './write.ts';

export interface ReadVectorsOptions {
  /** The tensor to read, in a .safetensors file that holds several. */
  tensor?: string | undefined;
}

export interface WriteCodesOptions extends WriteOptions {
  /** Write as few bits a code as its stage needs, to .safetensors only; default false. */
  packed?: boolean | undefined;
}

/**
 * Reads vectors from .fvecs, .bvecs, .ivecs, .npy (little-endian f4, f8 or u1, C order) or .safetensors (one F32 tensor). What is
 * not float32 in the file becomes so. NaN and Infinity are left for the verbs to refuse.
 *
 * @throws RvqError `BAD_FILE` with the byte, `FILE_ACCESS` where the file cannot be read, `UNSUPPORTED` for another extension
 */
export async function readVectors(path: string, options?: ReadVectorsOptions): Promise<Matrix> {
  const { tensor } = readOptions('readVectors', options, ['tensor']);
  if (tensor !== undefined && typeof tensor !== 'string') throw badArgument('readVectors option tensor', 'the name of a tensor', tensor);
  extensionOf('vectors', checkPath(path));
  return parseVectors(await readBytes(path), path, { tensor });
}

/** Writes vectors as .fvecs, .npy or .safetensors; as .bvecs and .ivecs where all values are integers of theirs. */
export async function writeVectors(path: string, vectors: Matrix, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeVectors option signal', readOptions('writeVectors', options, ['signal']).signal);
  const extension = extensionOf('vectors', checkPath(path));
  checkMatrix('vectors', vectors, undefined, { allowEmpty: true });
  await writePieces(path, serializeVectors(vectors, extension), { signal });
}

/** Reads a codebook as `writeCodebook` wrote it, and checks it by its id. */
export async function readCodebook(path: string): Promise<Codebook> {
  extensionOf('codebook', checkPath(path));
  return parseCodebook(await readBytes(path), path);
}

/** Writes a codebook as .safetensors: docs/format.md tells the bytes. */
export async function writeCodebook(path: string, codebook: Codebook, options?: WriteOptions): Promise<void> {
  const signal = optionalSignal('writeCodebook option signal', readOptions('writeCodebook', options, ['signal']).signal);
  extensionOf('codebook', checkPath(path));
  await writePieces(path, serializeCodebook(checkCodebook(codebook)), { signal });
}

/**
 * Reads codes from .safetensors or .npy (u1 or u2, rows x stages).
 *
 * @param codebook the one they were made with. A .safetensors file names it: another one is refused, and only packed codes need it.
 * A .npy file does not, so it must be given and is taken for the right one.
 */
export async function readCodes(path: string, codebook?: Codec): Promise<Codes> {
  const extension = extensionOf('codes', checkPath(path));
  if (codebook !== undefined) checkCodec(codebook);
  if (extension === 'safetensors') return parseCodes(await readBytes(path), path, codebook);
  if (codebook === undefined) throw badArgument('codebook', `the codebook of ${path}, as a .npy file does not name it`, codebook);
  return parseCodesNpy(await readBytes(path), path, codebook);
}

/** Writes codes as .safetensors, with the codebook's id, or as .npy, without it. */
export async function writeCodes(path: string, codes: Codes, codebook: Codec, options?: WriteCodesOptions): Promise<void> {
  const given = readOptions('writeCodes', options, ['packed', 'signal']);
  const { packed = false } = given;
  const signal = optionalSignal('writeCodes option signal', given.signal);
  if (typeof packed !== 'boolean') throw badArgument('writeCodes option packed', 'true or false', packed);
  const extension = extensionOf('codes', checkPath(path));
  if (packed && extension !== 'safetensors')
    throw new RvqError('UNSUPPORTED', 'writeCodes option packed', `only .safetensors files hold packed codes, not ${path}`);
  checkCodes(codes, checkCodec(codebook));
  const data = fittingCodes(codes.data, codebook.codewords);
  await writePieces(path, extension === 'npy' ? serializeNpyCodes({ ...codes, data }) : serializeCodes(codes, codebook, { packed }), { signal });
}
