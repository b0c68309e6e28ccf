// The built package, as a user has it. Loaded when the demo runs, so that a missing build is told in words.
import { access } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin } from '../package.json';
import { DemoError } from './stop.ts';

export type Engine = Pick<typeof import('residual-vq'), 'encode'>;

export interface Library {
  readonly wasm: Engine;
  readonly reference: Engine;
  readonly files: typeof import('residual-vq/node');
}

/** The folder of the package: the demo's paths are relative to it. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The built command. */
export const COMMAND = join(ROOT, bin.rvq);

/** @throws DemoError where dist/ lacks a file */
export async function loadLibrary(): Promise<Library> {
  for (const path of [relative(ROOT, COMMAND), 'dist/index.js', 'dist/reference.js', 'dist/node.js']) {
    await access(join(ROOT, path)).catch((cause) => {
      throw new DemoError(`${path} is missing: run npm run build first`, { cause });
    });
  }
  const [wasm, reference, files] = await Promise.all([import('residual-vq'), import('residual-vq/reference'), import('residual-vq/node')]);
  return { wasm, reference, files };
}
