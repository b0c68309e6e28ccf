// What encode, evaluate and decode accept: one check for every engine, so that each refuses the same things in the same words.
import { type Codebook, checkCodebook } from './codebook.ts';
import { type Codes, checkCodes } from './codes.ts';
import { RvqError } from './errors.ts';
import { checkMatrix, type Matrix } from './matrix.ts';
import { integer, readOptions } from './options.ts';

export interface EncodeOptions {
  /** Encodings kept per row from stage to stage; 1 (the default) is greedy, and the only one so far. */
  beam?: number;
}

export interface DecodeOptions {
  /** Decode with the first so many stages; default all. */
  stages?: number;
}

/** The widest beam of the API. */
export const MAX_BEAM = 64;

/**
 * Checks the arguments of encode and evaluate: codebook, rows of its dim (one at least), options. Whether the values are finite
 * each engine sees as it reads them.
 *
 * @returns the options, complete
 */
export function checkEncode(
  verb: 'encode' | 'evaluate',
  codebook: Codebook,
  vectors: Matrix,
  options: EncodeOptions | undefined,
): Required<EncodeOptions> {
  checkCodebook(codebook);
  checkMatrix('vectors', vectors, codebook.dim);
  const { beam } = readOptions(verb, options, ['beam']);
  const complete = { beam: readBeam(verb, beam) };
  return complete;
}

/**
 * Checks the arguments of decode: codebook, codes that were made with it, options.
 *
 * @returns the options, complete
 */
export function checkDecode(codebook: Codebook, codes: Codes, options: DecodeOptions | undefined): Required<DecodeOptions> {
  checkCodebook(codebook);
  checkCodes(codes, codebook);
  const all = codebook.codewords.length;
  const { stages = all } = readOptions('decode', options, ['stages']);
  return { stages: integer('decode option stages', stages, 1, all) };
}

/** The beam of a verb's options. A beam that is legal but not there yet is refused, not ignored. */
export function readBeam(verb: string, beam: unknown = 1): number {
  const subject = `${verb} option beam`;
  const width = integer(subject, beam, 1, MAX_BEAM);
  if (width !== 1) throw new RvqError('UNSUPPORTED', subject, `beam search is not there yet: leave it out or give 1, got ${width}`);
  return width;
}
