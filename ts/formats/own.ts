// Vectors, codebooks and codes as the bytes of their files, for programs that bring the bytes themselves: the names of residual-vq/node,
// with bytes where that has a path.
import type { Bytes } from '../model/arrays.ts';
import { type Codebook, checkCodebook } from '../model/codebook.ts';
import { type Codec, checkCodec } from '../model/codec.ts';
import { type Codes, checkCodes } from '../model/codes.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { readOptions } from '../model/options.ts';
import { joinPieces } from './bytes.ts';
import { parseCodebook, serializeCodebook } from './codebook.ts';
import { fittingCodes, parseCodes, parseCodesNpy, serializeCodes } from './codes.ts';
import { extensionOf } from './extension.ts';
import { checkBytes, checkName, type NamedOptions } from './named.ts';
import { serializeNpyCodes } from './npy.ts';
import { parseVectors, serializeVectors } from './vectors.ts';

export interface ReadVectorsOptions extends NamedOptions {
  /** The tensor to read, in a .safetensors file that holds several. */
  tensor?: string | undefined;
}

export interface WriteCodesOptions extends NamedOptions {
  /** Write as few bits a code as its stage needs, to .safetensors only; default false. */
  packed?: boolean | undefined;
}

/**
 * Vectors from the bytes of a file of any format of vectors. They may share the memory of `bytes`.
 *
 * @throws RvqError `BAD_FILE` with the byte, `UNSUPPORTED` for another extension
 */
export function readVectors(bytes: Uint8Array, options: ReadVectorsOptions): Matrix {
  const { name, tensor } = readOptions('readVectors', options, ['name', 'tensor']);
  if (tensor !== undefined && typeof tensor !== 'string') throw badArgument('readVectors option tensor', 'the name of a tensor', tensor);
  return parseVectors(checkBytes(bytes), checkName('readVectors', name), { tensor });
}

/** The bytes of a file of these vectors; .bvecs and .ivecs where all values are integers of theirs. */
export function writeVectors(vectors: Matrix, options: NamedOptions): Bytes {
  const name = checkName('writeVectors', readOptions('writeVectors', options, ['name']).name);
  const extension = extensionOf('vectors', name);
  return joinPieces(serializeVectors(checkMatrix('vectors', vectors, undefined, { allowEmpty: true }), extension));
}

/** A codebook from the bytes of its .safetensors file, checked by its id. */
export function readCodebook(bytes: Uint8Array, options?: Partial<NamedOptions>): Codebook {
  const { name = 'codebook.safetensors' } = readOptions('readCodebook', options, ['name']);
  return parseCodebook(checkBytes(bytes), checkName('readCodebook', name));
}

/** The bytes of a codebook's .safetensors file. */
export function writeCodebook(codebook: Codebook): Bytes {
  return joinPieces(serializeCodebook(checkCodebook(codebook)));
}

/**
 * Codes from the bytes of a .safetensors or .npy file.
 *
 * @param codebook the one they were made with: checked for .safetensors, which names it; taken for the right one for .npy, which does not
 */
export function readCodes(bytes: Uint8Array, codebook: Codec, options?: Partial<NamedOptions>): Codes {
  checkCodec(codebook);
  const given = readOptions('readCodes', options, ['name']).name ?? 'codes.safetensors';
  const name = checkName('readCodes', given);
  return (extensionOf('codes', name) === 'npy' ? parseCodesNpy : parseCodes)(checkBytes(bytes), name, codebook);
}

/** The bytes of a file of codes: .safetensors, with the codebook's id, or .npy, without it. */
export function writeCodes(codes: Codes, codebook: Codec, options?: Partial<WriteCodesOptions>): Bytes {
  const { name = 'codes.safetensors', packed = false } = readOptions('writeCodes', options, ['name', 'packed']);
  const extension = extensionOf('codes', checkName('writeCodes', name));
  if (typeof packed !== 'boolean') throw badArgument('writeCodes option packed', 'true or false', packed);
  checkCodes(codes, checkCodec(codebook));
  if (extension === 'safetensors') return joinPieces(serializeCodes(codes, codebook, { packed }));
  if (packed) throw new RvqError('UNSUPPORTED', 'writeCodes option packed', `only .safetensors files hold packed codes, not ${name}`);
  return joinPieces(serializeNpyCodes({ ...codes, data: fittingCodes(codes.data, codebook.codewords) }));
}
