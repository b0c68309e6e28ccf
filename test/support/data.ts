// The project's own data, as tests use it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Matrix, matrix } from '../../ts/model/matrix.ts';

/** A path below the project's root. */
export function projectPath(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The first rows of data/sift-base.bvecs. */
export function siftBase(rows: number): Matrix {
  const bytes = readFileSync(projectPath('data/sift-base.bvecs'));
  const dim = 128;
  const data = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) data.set(bytes.subarray(i * (dim + 4) + 4, (i + 1) * (dim + 4)), i * dim);
  return matrix(data, dim);
}
