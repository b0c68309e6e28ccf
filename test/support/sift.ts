// The descriptors of data/, from the bytes of their files.
import { type Matrix, matrix } from '../../ts/model/matrix.ts';

/** The first rows of a .bvecs file of dim 128. */
export function parseSift(bytes: Uint8Array, rows: number): Matrix {
  const dim = 128;
  const data = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) data.set(bytes.subarray(i * (dim + 4) + 4, (i + 1) * (dim + 4)), i * dim);
  return matrix(data, dim);
}
