// The rows that are measured: SIFT descriptors of data/, and the same values cut into rows of another dim.
import { readFileSync } from 'node:fs';
import type { Matrix } from 'residual-vq';
import { parseVecs } from '../../ts/formats/vecs.ts';

/** SIFT descriptors, dim 128: 30,000 to train on, 20,000 to encode. */
export function siftRows(part: 'train' | 'base'): Matrix {
  const path = new URL(`../../data/sift-${part}.bvecs`, import.meta.url);
  return parseVecs(readFileSync(path), path.pathname, 'bvecs');
}

/**
 * The same values as rows of another dim; what does not fill a row is left out. Work stays the same for any dim, as rows x dim does. A
 * row of 768 is six descriptors side by side that know nothing of each other, so its distances lie closer together than those
 * of an embedding: the harder case for a screen.
 */
export function cut({ data, dim: present }: Matrix, dim: number): Matrix {
  if (dim === present) return { data, rows: data.length / dim, dim };
  const rows = Math.floor(data.length / dim);
  return { data: data.subarray(0, rows * dim), rows, dim };
}

export function firstRows({ data, rows, dim }: Matrix, most: number): Matrix {
  const taken = Math.min(rows, most);
  return { data: data.subarray(0, taken * dim), rows: taken, dim };
}
