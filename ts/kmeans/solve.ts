// The codewords of all stages together, by least squares, for the codewords that rows have chosen.
//
// Minimized is, along each axis, sum |row - its codewords|^2 + weight of the axis x sum |codeword - mean of its stage|^2: as if so many rows
// more lay at the mean. The weight keeps codewords of few rows from fitting these alone, and shares what several stages could hold between
// them, which makes codes that are easier to find. The unknown is the change of the codewords. The normal equations of each axis are solved by
// conjugate gradients in float64, with the diagonal (rows of a codeword + weight) as preconditioner; their matrix, the same for all axes, is
// never made: a product with it is a decoding of all rows and a sum by codeword, 2 x rows x stages x dim multiply-adds, where the dense matrix
// of 8 x 256 codewords takes nine times as many and that of 16 x 1,024 has 268 million values.
import type { Doubles, Floats } from '../model/arrays.ts';
import { stageOffsets } from '../model/codebook.ts';
import type { Matrix } from '../model/matrix.ts';
import { type Axes, alongAxes, fromAxes } from './axes.ts';
import type { TrainEngine } from './engine.ts';
import type { Steps } from './steps.ts';

/** Rows and the codewords that they have chosen. */
export interface Problem {
  readonly rows: Matrix;
  /** The codeword of each row and stage, counted through all stages: rows x stages. */
  readonly places: Uint32Array;
  /** How many codewords each stage has. */
  readonly codewords: readonly number[];
}

/**
 * @param data the codewords so far, with which the solution begins; not changed
 * @param conditions `axes`: those of the weights, coordinates where it is undefined; `weights`: of each axis, in rows; `most`: steps of conjugate gradients
 */
export async function solveCodewords(
  engine: TrainEngine,
  data: Float32Array,
  { rows, places, codewords }: Problem,
  { axes, weights, most, steps }: { axes: Axes; weights: Float64Array; most: number; steps: Steps },
): Promise<Floats> {
  const { dim } = rows;
  const pass = { steps, stages: codewords.length, dim };
  const counts = new Float64Array(data.length / dim);
  for (const place of places) counts[place]++;
  const present = await alongAxes(axes, Float64Array.from(data), steps);
  const left = new Float64Array(data.length);
  await engine.spread(places, Float64Array.from(data), left, { ...pass, rows: rows.data });
  // what is left of the equations: of the rows, and of the pull to the mean
  const residual = await alongAxes(axes, left, steps);
  const means = stageMeans(present, counts, codewords, dim);
  for (let k = 0; k < counts.length; k++) {
    for (let j = 0; j < dim; j++) residual[k * dim + j] -= weights[j] * (present[k * dim + j] - means[k * dim + j]);
  }
  const change = new Float64Array(data.length);
  const scaled = new Float64Array(data.length);
  const direction = new Float64Array(data.length);
  let sizes = precondition(residual, scaled, counts, weights);
  direction.set(scaled);
  for (let step = 0; step < most; step++) {
    const product = new Float64Array(data.length);
    await engine.spread(places, direction, product, pass);
    const lengths = productsWith(direction, product, weights);
    for (let j = 0; j < dim; j++) lengths[j] = lengths[j] > 0 ? sizes[j] / lengths[j] : 0; // 0: this axis is solved
    for (let k = 0, at = 0; k < counts.length; k++) {
      for (let j = 0; j < dim; j++, at++) {
        change[at] += lengths[j] * direction[at];
        residual[at] -= lengths[j] * product[at];
      }
    }
    const next = precondition(residual, scaled, counts, weights);
    for (let k = 0, at = 0; k < counts.length; k++) {
      for (let j = 0; j < dim; j++, at++) direction[at] = scaled[at] + (sizes[j] > 0 ? next[j] / sizes[j] : 0) * direction[at];
    }
    sizes = next;
  }
  const changed = await fromAxes(axes, change, steps);
  const solved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) solved[i] = data[i] + changed[i];
  return solved;
}

/** For each codeword the mean of its stage's, by how many rows chose each. */
function stageMeans(values: Doubles, counts: Doubles, codewords: readonly number[], dim: number): Doubles {
  const means = new Float64Array(values.length);
  const offsets = stageOffsets(codewords);
  for (let stage = 0; stage < codewords.length; stage++) {
    const mean = new Float64Array(dim);
    let rows = 0;
    for (let k = offsets[stage]; k < offsets[stage + 1]; k++) {
      rows += counts[k];
      for (let j = 0; j < dim; j++) mean[j] += counts[k] * values[k * dim + j];
    }
    for (let j = 0; j < dim; j++) mean[j] /= rows;
    for (let k = offsets[stage]; k < offsets[stage + 1]; k++) means.set(mean, k * dim);
  }
  return means;
}

/** Divides by the diagonal; gives the product of both, axis by axis. Codewords without rows or weight stay as they are. */
function precondition(residual: Doubles, scaled: Doubles, counts: Doubles, weights: Float64Array): Doubles {
  const dim = weights.length;
  const sizes = new Float64Array(dim);
  for (let k = 0, at = 0; k < counts.length; k++) {
    for (let j = 0; j < dim; j++, at++) {
      const diagonal = counts[k] + weights[j];
      scaled[at] = diagonal > 0 ? residual[at] / diagonal : 0;
      sizes[j] += residual[at] * scaled[at];
    }
  }
  return sizes;
}

/** Adds the weights' part to a product of the matrix, and gives that of both, axis by axis. */
function productsWith(direction: Doubles, product: Doubles, weights: Float64Array): Doubles {
  const dim = weights.length;
  const sums = new Float64Array(dim);
  for (let at = 0; at < direction.length; ) {
    for (let j = 0; j < dim; j++, at++) {
      product[at] += weights[j] * direction[at];
      sums[j] += direction[at] * product[at];
    }
  }
  return sums;
}
