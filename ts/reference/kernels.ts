// What training needs, in plain loops.
import type { Assigner, TrainKernels } from '../kmeans/kernels.ts';
import type { Matrix } from '../model/matrix.ts';
import { nearestCodeword, squaredDistance } from './distance.ts';

export const referenceKernels: TrainKernels = {
  /** About 15 ms of these loops. */
  stepSize: 2 ** 23,
  lowerDistances(rows, codeword, nearest) {
    const dim = codeword.length;
    for (let i = 0; i < nearest.length; i++) {
      const distance = squaredDistance(rows, i * dim, codeword, 0, dim);
      if (distance < nearest[i]) nearest[i] = distance;
    }
  },
  createAssigner,
};

function createAssigner(data: Float32Array, dim: number, grid: number): Assigner {
  const codewords: Matrix = { data, rows: data.length / dim, dim };
  const sums = new Float64Array(data.length);
  const counts = new Float64Array(codewords.rows);
  const magic = 1.5 * 2 ** 52 * grid; // adding it leaves no bits below the grid

  function assign(rows: Float32Array, codes: Uint16Array): number {
    let error = 0;
    for (let i = 0; i < codes.length; i++) {
      const k = nearestCodeword(rows, i * dim, codewords);
      codes[i] = k;
      error += squaredDistance(rows, i * dim, data, k * dim, dim);
      for (let j = 0; j < dim; j++) sums[k * dim + j] += rows[i * dim + j] + magic - magic;
      counts[k]++;
    }
    return error;
  }
  return { assign, sums: () => ({ sums, counts }), close: () => {} };
}
