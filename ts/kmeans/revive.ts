// Codewords that stay without rows beside a large one: each gets the place of a row that the others fit worst.
import { forRows, type Steps } from './steps.ts';

/**
 * Puts the codewords numbered `empty` where the rows of largest error are, each at another row; rows that fit exactly draw none.
 *
 * @param codewords row-major; changed
 * @param rows row-major, codes.length x dim
 * @param codes the codeword of each row, not one of `empty`
 * @returns how many were moved
 */
export async function moveToWorstRows(
  codewords: Float32Array,
  rows: Float32Array,
  codes: Uint16Array,
  empty: readonly number[],
  steps: Steps,
): Promise<number> {
  if (empty.length === 0) return 0;
  const dim = rows.length / codes.length;
  const errors = new Float64Array(codes.length);
  await forRows(steps, codes.length, dim, (start, end) => {
    for (let i = start; i < end; i++) {
      for (let j = 0; j < dim; j++) {
        const difference = rows[i * dim + j] - codewords[codes[i] * dim + j];
        errors[i] += difference * difference;
      }
    }
  });
  const order = Uint32Array.from(errors, (_, i) => i).sort((a, b) => errors[b] - errors[a] || a - b);
  let moved = 0;
  let last = Number.NaN;
  for (const row of order) {
    if (moved === empty.length || errors[row] === 0) break;
    if (errors[row] === last) continue; // most likely the same row once more
    last = errors[row];
    codewords.set(rows.subarray(row * dim, (row + 1) * dim), empty[moved] * dim);
    moved++;
  }
  return moved;
}
