// The end of a stage: what its final codewords do to the rows.
import { assignAll } from './assignment.ts';
import type { TrainKernels } from './kernels.ts';
import type { StageWork } from './lloyd.ts';
import { forRows } from './steps.ts';

export interface FinishedStage {
  /** Summed squared error of the rows that trained the stage. */
  readonly error: number;
  /** Summed squared error of all rows. */
  readonly errorOfAll: number;
  /** How many of the rows that trained the stage chose each codeword. */
  readonly counts: Float64Array;
}

/**
 * Assigns all rows to the final codewords and leaves of each the residual, float32(r - c).
 *
 * @param work all rows, which change
 * @param trained how many of them, the first, trained the stage
 */
export async function finishStage(kernels: TrainKernels, work: StageWork, dim: number, trained: number): Promise<FinishedStage> {
  const { rows, codewords, grid, steps } = work;
  const shape = { dim, codewords: codewords.length / dim };
  const codes = new Uint16Array(rows.length / dim);
  const assigner = kernels.createAssigner(codewords, dim, grid);
  try {
    const error = await assignAll(assigner, shape, rows.subarray(0, trained * dim), codes.subarray(0, trained), steps);
    const counts = Float64Array.from(assigner.sums().counts);
    const rest = await assignAll(assigner, shape, rows.subarray(trained * dim), codes.subarray(trained), steps);
    await forRows(steps, codes.length, dim, (start, end) => {
      for (let i = start; i < end; i++) {
        const offset = codes[i] * dim;
        for (let j = 0; j < dim; j++) rows[i * dim + j] -= codewords[offset + j];
      }
    });
    return { error, errorOfAll: error + rest, counts };
  } finally {
    assigner.close();
  }
}
