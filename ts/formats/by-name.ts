// Codebooks and codes in a file of any of the formats: which one, its extension says.
import type { Codebook } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import { type Codes, checkCodes } from '../model/codes.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { parseCodebook } from './codebook.ts';
import { fittingCodes, parseCodes, parseCodesNpy, serializeCodes } from './codes.ts';
import { extensionOf } from './extension.ts';
import { faissCodebook, parseFaissIndex, serializeFaissIndex } from './faiss.ts';
import { parseFaissLayout } from './faiss-layout.ts';
import { serializeNpyCodes } from './npy.ts';

/** The codebook of a .safetensors file, or the one that a faiss index holds. */
export function parseNamedCodebook(bytes: Uint8Array, name: string): Codebook {
  return extensionOf('codebook', name) === 'safetensors' ? parseCodebook(bytes, name) : faissCodebook(parseFaissLayout(bytes, name), name);
}

/**
 * The codes of a .safetensors or .npy file, or of a faiss index.
 *
 * @param codebook the one they were made with. Others are refused by files that know theirs; a .npy does not, so there it must be given
 */
export function parseNamedCodes(bytes: Uint8Array, name: string, codebook: Codec | undefined): Codes {
  const format = extensionOf('codes', name);
  if (format === 'safetensors') return parseCodes(bytes, name, codebook);
  if (format === 'npy') return parseCodesNpy(bytes, name, givenCodebook(name, codebook));
  const { codes } = parseFaissIndex(bytes, name);
  if (codebook !== undefined && codebook.id !== codes.codebookId) {
    throw new RvqError('CODEBOOK_MISMATCH', name, `made with codebook ${codes.codebookId}, which it holds, not with the one given, ${codebook.id}`);
  }
  return codes;
}

/** Asked before a file is read. */
export function givenCodebook(name: string, codebook: Codec | undefined): Codec {
  if (codebook === undefined) throw badArgument('codebook', `the codebook of ${name}, as a .npy file does not name it`, codebook);
  return codebook;
}

/** The format of a file of codes to write. */
export function codesFormat(name: string, packed: boolean): 'safetensors' | 'npy' | 'faissindex' {
  const format = extensionOf('codes', name, 'write');
  if (packed && format !== 'safetensors') {
    const why = format === 'npy' ? '' : ': those of a faiss index are packed as it is';
    throw new RvqError('UNSUPPORTED', 'writeCodes option packed', `only .safetensors files hold packed codes, not ${name}${why}`);
  }
  return format;
}

/** The bytes of a file of these codes, piece by piece. */
export function serializeNamedCodes(codes: Codes, codebook: Codec, name: string, { packed = false } = {}): Iterable<Uint8Array> {
  const format = codesFormat(name, packed);
  checkCodes(codes, codebook);
  if (format === 'safetensors') return serializeCodes(codes, codebook, { packed });
  if (format === 'npy') return serializeNpyCodes({ ...codes, data: fittingCodes(codes.data, codebook.codewords) });
  if (!isCodebook(codebook)) throw new RvqError('UNSUPPORTED', name, 'a faiss index holds a codebook, not a codec with projections');
  return serializeFaissIndex(codebook, codes);
}
