// `-`: rows of standard input, bytes to standard output.
import { badFile } from '../formats/check.ts';
import { count } from '../model/errors.ts';
import { accessError } from '../node/access.ts';
import type { Pieces } from '../node/write.ts';
import { Failure, ReaderGone } from './exit.ts';

/** What stands for standard input and output in place of a path. */
export const STDIO = '-';

export const STDIN = 'standard input';
export const STDOUT = 'standard output';

/** An output as people are told of it. */
export function outputName(output: string): string {
  return output === STDIO ? STDOUT : output;
}

/** What `read` makes of the rows of standard input, `step` of them at a time. */
export async function* stdinRows<T>(
  rowBytes: number,
  step: number,
  read: (bytes: Uint8Array, firstRow: number) => T,
): AsyncGenerator<T, void, undefined> {
  const size = step * rowBytes;
  let held = new Uint8Array(size);
  let filled = 0;
  let rows = 0;
  for await (const chunk of stdinChunks()) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(size - filled, chunk.length - at);
      held.set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < size) continue;
      yield read(held, rows);
      rows += step;
      held = new Uint8Array(size);
      filled = 0;
    }
  }
  const rest = filled % rowBytes;
  if (rest !== 0) {
    const end = rows * rowBytes + filled;
    throw badFile(STDIN, end - rest, `a row of ${count(rowBytes)} bytes`, `${count(rest)} bytes and the end`);
  }
  if (filled > 0) yield read(held.slice(0, filled), rows);
}

/** The bytes of standard input as they come. */
export async function* stdinChunks(): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunksOf(process.stdin);
  } finally {
    process.stdin.destroy(); // a writer that goes on would keep this process alive
  }
}

async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* stream;
  } catch (error) {
    throw accessError(STDIN, 'read', error);
  }
}

/** Writes bytes to standard output as fast as they are read there. */
export async function writeStdout(pieces: Pieces): Promise<void> {
  for await (const piece of pieces) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(piece, (error) => {
        if (error == null) resolve();
        else if ('code' in error && error.code === 'EPIPE') reject(new ReaderGone());
        else reject(new Failure(accessError(STDOUT, 'write', error).message, { cause: error }));
      });
    });
  }
}
