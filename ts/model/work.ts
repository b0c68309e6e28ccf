// How much work a row is, to size the parts of long work by: in multiply-adds, or what takes as long. One thread does some 2^34 to 2^35 a second.
import { sum } from './codebook.ts';
import { type Codec, isCodebook, type Projection } from './codec.ts';

/** To score a codeword for an entry and to pass it by, besides the multiply-adds of its dim. */
const SCORE_WORK = 32;

/** To choose the next entries of a stage and to make their residuals, for each entry. */
const ENTRY_WORK = 2 ** 13;

/** Of one multiply-add of a projection, which is in float64. */
const PROJECT_WORK = 8;

/** Work that no one waits for: a part of it takes 0.03 to 0.12 seconds, by the shape. */
export const PART_WORK = 2 ** 31;

/** Of a row that is encoded. */
export function encodeWork(codec: Codec, beam: number): number {
  if (!isCodebook(codec)) {
    const parts = codec.groups.flat();
    return sum(parts.map(({ input, codec: inner, output }) => projectWork(input) + encodeWork(inner, beam) + projectWork(output)));
  }
  const { dim, codewords } = codec;
  return beam * (sum(codewords) * (dim + SCORE_WORK) + codewords.length * ENTRY_WORK);
}

/** Of a row whose codewords of so many stages are added: what takes time there is memory. */
export function decodeWork(codec: Codec, stages: number): number {
  const projections = isCodebook(codec) ? 0 : sum(codec.groups.flat().map(({ output }) => projectWork(output)));
  return stages * (8 * codec.dim + SCORE_WORK) + projections;
}

/** To project a row. */
function projectWork(projection: Projection | undefined): number {
  return projection === undefined ? 0 : PROJECT_WORK * projection.from * projection.to;
}
