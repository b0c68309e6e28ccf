// The outputs of a command: checked before any work, and what goes wrong with them told apart from what is wrong with an input.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { extensionOf, type FileKind } from '../formats/extension.ts';
import { RvqError } from '../index.ts';
import { checkWritable } from '../node/write.ts';
import { Failure, UsageError } from './exit.ts';
import { keepStdoutForData } from './output.ts';
import { STDIO } from './stdio.ts';

/**
 * Checks that `output` may be written: a name that files of its kind have, none of the inputs, a folder that takes new files. `-` is stdout,
 * where the option is that of the command's output.
 */
export async function checkOutput(kind: FileKind, output: string, inputs: readonly string[], option = '--output'): Promise<void> {
  if (output === STDIO && option === '--output') return keepStdoutForData();
  extensionOf(kind, output, 'write');
  await checkTarget(output, inputs, option);
}

/** The same for an output whose extension is known. */
export async function checkTarget(output: string, inputs: readonly string[], option: string): Promise<void> {
  for (const input of inputs) {
    if (input !== STDIO && (await isSameFile(input, output))) throw new UsageError(`${option} ${output}: is the input ${input}; name another file`);
  }
  await writeOutput(output, () => checkWritable(output));
}

/** Checks that several outputs are several files, whether they exist or not. */
export function checkDifferent(outputs: readonly (readonly [option: string, file: string])[]): void {
  for (const [i, [option, file]] of outputs.entries()) {
    const other = outputs.slice(0, i).find((before) => resolve(before[1]) === resolve(file));
    if (other !== undefined) throw new UsageError(`${option} ${file}: is the file of ${other[0]}; name another`);
  }
}

/** Does the writing of an output. That it cannot be written is no fault of the input. */
export async function writeOutput(output: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof RvqError && error.code === 'FILE_ACCESS' && error.subject === output) throw new Failure(error.message, { cause: error });
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
