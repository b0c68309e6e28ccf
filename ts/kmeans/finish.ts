// The end of a stage: what its final codewords do to the rows.
import type { Matrix } from '../model/matrix.ts';
import type { TrainEngine } from './engine.ts';
import type { StageWork } from './lloyd.ts';
import { forRows, type Steps } from './steps.ts';

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
export async function finishStage(engine: TrainEngine, { rows, codewords, steps }: Omit<StageWork, 'grid'>, trained: number): Promise<FinishedStage> {
  const { data, dim } = rows;

  async function finishRows(start: number, end: number) {
    const part: Matrix = { data: data.subarray(start * dim, end * dim), rows: end - start, dim };
    const assignment = await engine.assign(part, codewords, { steps });
    await takeOff(part, codewords, assignment.codes, steps);
    return assignment;
  }

  const { codes, error } = await finishRows(0, trained);
  const counts = new Float64Array(codewords.length / dim);
  for (const code of codes) counts[code]++;
  if (trained === rows.rows) return { error, errorOfAll: error, counts };
  const rest = await finishRows(trained, rows.rows);
  return { error, errorOfAll: error + rest.error, counts };
}

/** Each row becomes what its codeword leaves of it. */
function takeOff({ data, rows, dim }: Matrix, codewords: Float32Array, codes: Uint16Array, steps: Steps): Promise<void> {
  return forRows(steps, rows, dim, (start, end) => {
    for (let i = start; i < end; i++) {
      const offset = codes[i] * dim;
      for (let j = 0; j < dim; j++) data[i * dim + j] -= codewords[offset + j];
    }
  });
}
