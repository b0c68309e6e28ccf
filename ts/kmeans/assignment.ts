// Every row to its nearest codeword, in blocks that are the same for every engine.
import { blockRows } from '../model/blocks.ts';

/** Multiply-adds of one block, about: as much as the reference does in one step. Where it ends decides how errors are added up. */
const BLOCK_WORK = 2 ** 23;

/** The rows that the engine's kernel takes together. */
const TILE_ROWS = 4;

/** Rows of one call to `assign`. It depends on the shape alone: engines may differ in speed, not in sums. */
export function assignRows(dim: number, codewords: number): number {
  return Math.min(blockRows(dim), Math.max(TILE_ROWS, Math.floor(BLOCK_WORK / (dim * codewords))));
}
