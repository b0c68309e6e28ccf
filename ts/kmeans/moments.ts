// Mean and deviation of rows, coordinate by coordinate, added in the order of the rows.
import type { Doubles } from '../model/arrays.ts';
import type { Matrix } from '../model/matrix.ts';
import { forRows, type Steps } from './steps.ts';

export async function meanRow({ data, rows, dim }: Matrix, steps: Steps): Promise<Doubles> {
  const mean = new Float64Array(dim);
  await forRows(steps, rows, dim, (start, end) => {
    for (let i = start; i < end; i++) for (let j = 0; j < dim; j++) mean[j] += data[i * dim + j];
  });
  for (let j = 0; j < dim; j++) mean[j] /= rows;
  return mean;
}

/** The standard deviation around `mean`. */
export async function deviationRow({ data, rows, dim }: Matrix, mean: Float64Array, steps: Steps): Promise<Doubles> {
  const deviation = new Float64Array(dim);
  await forRows(steps, rows, dim, (start, end) => {
    for (let i = start; i < end; i++) {
      for (let j = 0; j < dim; j++) {
        const difference = data[i * dim + j] - mean[j];
        deviation[j] += difference * difference;
      }
    }
  });
  for (let j = 0; j < dim; j++) deviation[j] = Math.sqrt(deviation[j] / rows);
  return deviation;
}
