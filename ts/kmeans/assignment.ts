// Every row to its nearest codeword, in blocks that are the same for every engine.
import { blockRows } from '../model/blocks.ts';
import type { Assigner } from './kernels.ts';
import type { Steps } from './steps.ts';

/** Multiply-adds of one block, about: as much as the reference does in one step. Where it ends decides how errors are added up. */
const BLOCK_WORK = 2 ** 23;

/** The rows that the engine's kernel takes together. */
const TILE_ROWS = 4;

/** Rows of one call to `assign`. It depends on the shape alone: engines may differ in speed, not in sums. */
export function assignRows(dim: number, codewords: number): number {
  return Math.min(blockRows(dim), Math.max(TILE_ROWS, Math.floor(BLOCK_WORK / (dim * codewords))));
}

/**
 * Assigns rows, with pauses between the blocks.
 *
 * @param rows row-major, codes.length x dim
 * @param codes receives the nearest codeword of each row
 * @returns the summed squared error: added row by row in a block, then block by block
 */
export async function assignAll(
  assigner: Assigner,
  shape: { dim: number; codewords: number },
  rows: Float32Array,
  codes: Uint16Array,
  steps: Steps,
): Promise<number> {
  const { dim, codewords } = shape;
  const block = assignRows(dim, codewords);
  let error = 0;
  for (let start = 0; start < codes.length; start += block) {
    const end = Math.min(codes.length, start + block);
    const turn = steps.kernel((end - start) * dim * codewords);
    if (turn) await turn;
    error += assigner.assign(rows.subarray(start * dim, end * dim), codes.subarray(start, end));
  }
  return error;
}
