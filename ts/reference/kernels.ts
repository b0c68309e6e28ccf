// What training needs, in plain loops.
import type { Assigner, Extender, TrainKernels } from '../kmeans/kernels.ts';
import type { Matrix } from '../model/matrix.ts';
import { bestContinuations } from './beam.ts';
import { nearestCodeword, squaredDistance, subtractCodeword } from './distance.ts';

export const referenceKernels: TrainKernels = {
  /** About 15 ms of these loops. 2 ** 23, as bundlers want it: see ts/reference/stream.ts. */
  stepSize: 8_388_608,
  spread,
  createAssigner,
  createExtender,
};

function spread(
  places: Uint32Array,
  { stages, dim }: { stages: number; dim: number },
  from: Float64Array,
  to: Float64Array,
  rows: Float32Array | undefined,
): void {
  const sum = new Float64Array(dim);
  for (let i = 0; i < places.length / stages; i++) {
    const codewords = places.subarray(i * stages, (i + 1) * stages);
    sum.fill(0);
    for (const k of codewords) for (let j = 0; j < dim; j++) sum[j] += from[k * dim + j];
    if (rows !== undefined) for (let j = 0; j < dim; j++) sum[j] = rows[i * dim + j] - sum[j];
    for (const k of codewords) for (let j = 0; j < dim; j++) to[k * dim + j] += sum[j];
  }
}

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

function createExtender(data: Float32Array, dim: number): Extender {
  const codewords: Matrix = { data, rows: data.length / dim, dim };

  function extend(residuals: Float32Array, entries: number, next: Float32Array, chosen: Uint32Array): number {
    const rows = residuals.length / (entries * dim);
    const keep = chosen.length / rows;
    const from = residuals.slice(); // `next` may be the same array
    let error = 0;
    for (let i = 0; i < rows; i++) {
      const of = Array.from({ length: entries }, (_, entry) => {
        const start = (i * entries + entry) * dim;
        return { residual: from.subarray(start, start + dim) };
      });
      bestContinuations(of, codewords, keep).forEach(({ parent, index, distance }, place) => {
        const residual = of[parent].residual.slice();
        subtractCodeword(residual, codewords, index);
        next.set(residual, (i * keep + place) * dim);
        chosen[i * keep + place] = parent * 65_536 + index;
        if (place === 0) error += distance;
      });
    }
    return error;
  }
  return { extend, close: () => {} };
}
