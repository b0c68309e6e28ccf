// The project's own data, as tests use it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Matrix } from '../../ts/model/matrix.ts';
import { parseSift } from './sift.ts';

/** A path below the project's root. */
export function projectPath(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The first rows of data/sift-base.bvecs. */
export function siftBase(rows: number): Matrix {
  return parseSift(readFileSync(projectPath('data/sift-base.bvecs')), rows);
}
