// Codewords without rows while a stage iterates: which are to be moved, and where to. At first each goes beside a large one (repair.ts);
// where it stays empty, it gets the place of a row that the others fit worst.
import { emptyOnes, repairEmpty } from './repair.ts';
import { forRows, type Steps } from './steps.ts';

export interface Reviver {
  /**
   * Moves the codewords that are to be, after an iteration that left rows with `codes` and codewords with `counts` of them.
   *
   * @param codewords row-major; changed
   * @param stride every how many iterations the same rows take part: a codeword may have rows among the others
   * @returns how many were moved
   */
  revive(
    codewords: Float32Array,
    done: { rows: Float32Array; codes: Uint16Array; counts: Float64Array; iteration: number; stride: number },
    steps: Steps,
  ): Promise<number>;
}

/** @param count codewords of the stage */
export function createReviver(count: number): Reviver {
  const used = new Uint16Array(count); // the last iteration in which each had rows, or was moved
  const moved = new Uint8Array(count); // whether it was moved since it had rows
  return {
    async revive(codewords, { rows, codes, counts, iteration, stride }, steps) {
      for (let k = 0; k < count; k++) {
        if (counts[k] === 0) continue;
        used[k] = iteration;
        moved[k] = 0;
      }
      const due = emptyOnes(counts).filter((k) => iteration - used[k] >= stride);
      const [again, first] = [due.filter((k) => moved[k] === 1), due.filter((k) => moved[k] === 0)];
      for (const k of due) {
        used[k] = iteration;
        moved[k] = 1;
      }
      const worst = await moveToWorstRows(codewords, rows, codes, again, steps);
      return worst + (await repairEmpty(codewords, rows, codes, counts, steps, first));
    },
  };
}

/**
 * Puts the codewords numbered `empty` where the rows of largest error are, each at another row; rows that fit exactly draw none.
 *
 * @param codewords row-major; changed
 * @param rows row-major, codes.length x dim
 * @param codes the codeword of each row, not one of `empty`
 * @returns how many were moved
 */
async function moveToWorstRows(
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
