// Lloyd's iterations for one stage: rows to their nearest codewords, codewords to the means of their rows.
import type { Matrix } from '../model/matrix.ts';
import type { TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import { repairEmpty } from './repair.ts';
import { forRows, type Steps } from './steps.ts';

/** A stage in training. */
export interface StageWork {
  /** What the stages before have left of the rows. */
  readonly rows: Matrix;
  /** Row-major, float32; the iterations change them. */
  readonly codewords: Float32Array;
  /** Sums of rows are made of multiples of this: see sumGrid. */
  readonly grid: number;
  readonly steps: Steps;
}

export interface LloydResult {
  readonly iterations: number;
  readonly repaired: number;
}

/**
 * Iterates until the plan's number is reached, or an iteration that left no codeword empty gained no more than the tolerance.
 *
 * @param onIteration called after each iteration with its mse; `last` where none follows
 */
export async function iterate(
  engine: TrainEngine,
  plan: TrainPlan,
  work: StageWork,
  onIteration: (done: { iteration: number; mse: number; last: boolean }) => void,
): Promise<LloydResult> {
  const { rows, codewords, steps } = work;
  let repaired = 0;
  let previous = Number.NaN; // compares as false: the first iteration has nothing to gain upon
  for (let iteration = 1; iteration <= plan.iterations; iteration++) {
    const { codes, error, sums, counts } = await engine.assignAndSum(rows, codewords, work);
    const mse = error / rows.rows;
    await moveToMeans(codewords, sums, counts, steps);
    const moved = await repairEmpty(codewords, rows.data, codes, counts, steps);
    repaired += moved;
    const settled = moved === 0 && previous - mse <= plan.tolerance * previous;
    const last = settled || iteration === plan.iterations;
    onIteration({ iteration, mse, last });
    if (last) return { iterations: iteration, repaired };
    previous = mse;
  }
  return { iterations: 0, repaired };
}

/** Each codeword becomes the mean of its rows, rounded to float32; one without rows stays. */
function moveToMeans(codewords: Float32Array, sums: Float64Array, counts: Float64Array, steps: Steps): Promise<void> {
  const dim = codewords.length / counts.length;
  return forRows(steps, counts.length, dim, (start, end) => {
    for (let k = start; k < end; k++) {
      if (counts[k] === 0) continue;
      for (let j = k * dim; j < (k + 1) * dim; j++) codewords[j] = sums[j] / counts[k];
    }
  });
}
