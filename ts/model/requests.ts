// What encode, evaluate and decode accept: one check for every engine, so that each refuses the same things in the same words.
import type { Codebook } from './codebook.ts';
import { type Codec, checkCodec, isCodebook } from './codec.ts';
import { type Codes, checkCodes } from './codes.ts';
import { badArgument, RvqError } from './errors.ts';
import { checkMatrix, type Matrix } from './matrix.ts';
import { integer, readOptions } from './options.ts';

export interface EncodeOptions {
  /**
   * Encodings kept of each row from stage to stage, 1 to 64 and no more than the first stage has codewords. 1, the default, is greedy; a
   * wider beam takes longer and leaves a smaller error in all, though not for every row.
   */
  beam?: number | undefined;
  /** Bytes that beam search may hold in WebAssembly memory beside the codebook and a block of rows; default 268,435,456 (256 MB). */
  maxMemory?: number | undefined;
}

/** EncodeOptions, complete. */
export interface EncodeSettings {
  readonly beam: number;
  readonly maxMemory: number;
}

/** What an engine is asked for: the settings, and which rows these are of how many. */
export interface EncodeRequest extends EncodeSettings {
  /** The number of the first of these rows, as errors count. */
  readonly firstRow: number;
  /** Rows of the whole work that these are a part of: tables are built where they pay for all of it. */
  readonly allRows: number;
}

export interface DecodeOptions {
  /** Decode with the first so many stages; default all. */
  stages?: number | undefined;
}

/** The widest beam of the API. */
export const MAX_BEAM = 64;

const MAX_MEMORY = 2 ** 28;

/**
 * Checks the arguments of encode and evaluate: codebook, rows of its dim (one at least), options. Whether the values are finite
 * each engine sees as it reads them.
 *
 * @returns the options, complete
 */
export function checkEncode(verb: 'encode' | 'evaluate', codebook: Codec, vectors: Matrix, options: EncodeOptions | undefined): EncodeSettings {
  checkCodec(codebook);
  checkMatrix('vectors', vectors, codebook.dim);
  return checkEncodeOptions(verb, codebook, options);
}

/** The part of it that can be checked before there are rows. */
export function checkEncodeOptions(verb: string, codebook: Codec, options: EncodeOptions | undefined): EncodeSettings {
  checkCodec(codebook);
  const { beam = 1, maxMemory = MAX_MEMORY } = readOptions(verb, options, ['beam', 'maxMemory']);
  const subject = `${verb} option beam`;
  integer(subject, beam, 1, MAX_BEAM);
  if (beam > 1) checkBeam(subject, codebook, beam);
  return { beam, maxMemory: integer(`${verb} option maxMemory`, maxMemory, 1) };
}

/** With a codec each group has a search of its own, in the space of its codebook. */
function checkBeam(subject: string, codec: Codec, beam: number): void {
  const books = searchedAlone(codec);
  if (books === undefined) {
    throw new RvqError('UNSUPPORTED', subject, `expected 1, as this codec projects rows at every stage or compares by the cosine, got ${beam}`);
  }
  const most = Math.min(...books.map(({ codewords }) => codewords[0]));
  if (beam > most) throw badArgument(subject, `at most ${most}, the codewords of the first stage`, beam);
}

/** The codebooks of a codec whose groups are one codebook each, of the Euclidean metric; else undefined. */
function searchedAlone(codec: Codec): Codebook[] | undefined {
  if (isCodebook(codec)) return [codec];
  const found = codec.groups.map((parts) => (parts.length === 1 && parts[0].metric === 'euclidean' ? searchedAlone(parts[0].codec) : undefined));
  return found.every((books) => books !== undefined) ? found.flat() : undefined;
}

/**
 * Checks the arguments of decode: codebook, codes that were made with it, options.
 *
 * @returns the options, complete
 */
export function checkDecode(codebook: Codec, codes: Codes, options: DecodeOptions | undefined): { readonly stages: number } {
  checkCodec(codebook);
  checkCodes(codes, codebook);
  return checkDecodeOptions('decode', codebook, options);
}

/** The part of it that can be checked before there are codes. */
export function checkDecodeOptions(verb: string, codebook: Codec, options: DecodeOptions | undefined): { readonly stages: number } {
  checkCodec(codebook);
  const all = codebook.codewords.length;
  const { stages = all } = readOptions(verb, options, ['stages']);
  return { stages: integer(`${verb} option stages`, stages, 1, all) };
}
