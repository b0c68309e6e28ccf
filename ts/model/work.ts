// How much work a row is, to size the parts of long work by: in multiply-adds, or what takes as long. One thread does some 2^34 to 2^35 a second.
import { type Codebook, sum } from './codebook.ts';

/** To score a codeword for an entry and to pass it by, besides the multiply-adds of its dim. */
const SCORE_WORK = 32;

/** To choose the next entries of a stage and to make their residuals, for each entry. */
const ENTRY_WORK = 2 ** 13;

/** Work that no one waits for: a part of it takes 0.03 to 0.12 seconds, by the shape. */
export const PART_WORK = 2 ** 31;

/** Of a row that is encoded. */
export function encodeWork({ dim, codewords }: Codebook, beam: number): number {
  return beam * (sum(codewords) * (dim + SCORE_WORK) + codewords.length * ENTRY_WORK);
}

/** Of a row whose codewords of so many stages are added: what takes time there is memory. */
export function decodeWork({ dim }: Codebook, stages: number): number {
  return stages * (8 * dim + SCORE_WORK);
}
