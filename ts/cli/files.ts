// The files of a command: inputs are read and checked under their names, outputs are checked before any work.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { extensionOf, type FileKind } from '../formats/extension.ts';
import { type Matrix, RvqError } from '../index.ts';
import { checkMatrix, firstNotFinite, notFinite } from '../model/matrix.ts';
import { readVectors } from '../node/index.ts';
import { checkWritable } from '../node/write.ts';
import { Failure, UsageError } from './exit.ts';

/** Reads vectors and checks them, so that errors name the file: rows of `dim`, one at least, all values finite. */
export async function readFiniteVectors(path: string, { tensor, dim }: { tensor?: string | undefined; dim?: number }): Promise<Matrix> {
  if (tensor !== undefined && extensionOf('vectors', path) !== 'safetensors') {
    throw new UsageError(`--tensor: only .safetensors files have tensors, not ${path}`);
  }
  const vectors = checkMatrix(path, await readVectors(path, { tensor }), dim);
  const bad = firstNotFinite(vectors.data);
  if (bad >= 0) throw notFinite(path, vectors.data, bad, vectors.dim);
  return vectors;
}

/** Checks that `output` may be written: an extension of its kind, none of the inputs, a folder that takes new files. */
export async function checkOutput(kind: FileKind, output: string, inputs: readonly string[], option = '--output'): Promise<void> {
  extensionOf(kind, output);
  await checkTarget(output, inputs, option);
}

/** The same for an output whose extension is known. */
export async function checkTarget(output: string, inputs: readonly string[], option: string): Promise<void> {
  for (const input of inputs) {
    if (await isSameFile(input, output)) throw new UsageError(`${option} ${output}: is the input ${input}; name another file`);
  }
  await writeOutput(() => checkWritable(output));
}

/** Checks that several outputs are several files, whether they exist or not. */
export function checkDifferent(outputs: readonly (readonly [option: string, file: string])[]): void {
  for (const [i, [option, file]] of outputs.entries()) {
    const other = outputs.slice(0, i).find((before) => resolve(before[1]) === resolve(file));
    if (other !== undefined) throw new UsageError(`${option} ${file}: is the file of ${other[0]}; name another`);
  }
}

/** Does the writing of an output. That it cannot be written is no fault of the input. */
export async function writeOutput(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof RvqError && error.code === 'FILE_ACCESS') throw new Failure(error.message, { cause: error });
    throw error;
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([stat(a), stat(b)]);
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false; // one does not exist: reading or writing it will say so
  }
}
