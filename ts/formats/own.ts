// Vectors, codebooks and codes as the bytes of their files, for programs that bring the bytes themselves: the names of residual-vq/node,
// with bytes where that has a path.
import type { Bytes } from '../model/arrays.ts';
import { type Codebook, checkCodebook } from '../model/codebook.ts';
import { type Codec, checkCodec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { badArgument } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { readOptions } from '../model/options.ts';
import { parseNamedCodebook, parseNamedCodes, serializeNamedCodes } from './by-name.ts';
import { joinPieces } from './bytes.ts';
import { serializeCodebook } from './codebook.ts';
import { extensionOf } from './extension.ts';
import { checkBytes, checkName, type NamedOptions } from './named.ts';
import { parseVectors, serializeVectors, type VectorsOptions } from './vectors.ts';

export interface ReadVectorsOptions extends NamedOptions, VectorsOptions {}

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
  const { name, ...which } = readOptions('readVectors', options, ['name', 'tensor', 'array', 'column', 'dim']);
  return parseVectors(checkBytes(bytes), checkName('readVectors', name), which);
}

/** The bytes of a file of these vectors; .bvecs and .ivecs where all values are integers of theirs. */
export function writeVectors(vectors: Matrix, options: NamedOptions): Bytes {
  const name = checkName('writeVectors', readOptions('writeVectors', options, ['name']).name);
  const extension = extensionOf('vectors', name, 'write');
  return joinPieces(serializeVectors(checkMatrix('vectors', vectors, undefined, { allowEmpty: true }), extension));
}

/** A codebook from the bytes of its .safetensors file, checked by its id, or from a faiss index. */
export function readCodebook(bytes: Uint8Array, options?: Partial<NamedOptions>): Codebook {
  const { name = 'codebook.safetensors' } = readOptions('readCodebook', options, ['name']);
  return parseNamedCodebook(checkBytes(bytes), checkName('readCodebook', name));
}

/** The bytes of a codebook's .safetensors file. */
export function writeCodebook(codebook: Codebook): Bytes {
  return joinPieces(serializeCodebook(checkCodebook(codebook)));
}

/**
 * Codes from the bytes of a .safetensors or .npy file, or of a faiss index.
 *
 * @param codebook the one they were made with: checked where the file names or holds it; taken for the right one for .npy, which does not
 */
export function readCodes(bytes: Uint8Array, codebook: Codec, options?: Partial<NamedOptions>): Codes {
  const { name = 'codes.safetensors' } = readOptions('readCodes', options, ['name']);
  return parseNamedCodes(checkBytes(bytes), checkName('readCodes', name), checkCodec(codebook));
}

/** The bytes of a file of codes: .safetensors, with the codebook's id, .npy, without it, or a faiss index, with the codebook. */
export function writeCodes(codes: Codes, codebook: Codec, options?: Partial<WriteCodesOptions>): Bytes {
  const { name = 'codes.safetensors', packed = false } = readOptions('writeCodes', options, ['name', 'packed']);
  if (typeof packed !== 'boolean') throw badArgument('writeCodes option packed', 'true or false', packed);
  return joinPieces(serializeNamedCodes(codes, checkCodec(codebook), checkName('writeCodes', name), { packed }));
}
