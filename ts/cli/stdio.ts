// `-`: rows of standard input, bytes to standard output.
import { badFile } from '../formats/check.ts';
import { counted } from '../model/errors.ts';
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

/**
 * What `read` makes of the rows of standard input, `step` of them at a time.
 *
 * @param kind what they are, in words, for the error where it is a file of another kind
 */
export async function* stdinRows<T>(
  kind: string,
  { rowBytes, step, read }: { rowBytes: number; step: number; read: (bytes: Uint8Array, firstRow: number) => T },
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
      if (rows === 0) refuseFile(held, kind);
      yield read(held, rows);
      rows += step;
      held = new Uint8Array(size);
      filled = 0;
    }
  }
  if (rows === 0) refuseFile(held.subarray(0, filled), kind);
  const rest = filled % rowBytes;
  if (rest !== 0) {
    const end = rows * rowBytes + filled;
    throw badFile(STDIN, end - rest, `a row of ${counted(rowBytes, 'bytes')}`, `${counted(rest, 'bytes')} and the end`);
  }
  if (filled > 0) yield read(held.slice(0, filled), rows);
}

/** How files with a format begin; bare rows do not, unless they were made to. */
const HEADS: readonly (readonly [string, (head: string) => boolean])[] = [
  ['.npy', (head) => head.startsWith('\x93NUMPY')],
  ['.safetensors', (head) => head.slice(4, 8) === '\0\0\0\0' && /^\{"[^"]*":\{"/.test(head.slice(8))],
  ['.arrow', (head) => head.startsWith('ARROW1\0\0')],
];
const HEAD_BYTES = 128;

function refuseFile(bytes: Uint8Array, kind: string): void {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  const found = HEADS.find(([, matches]) => matches(head));
  if (found !== undefined) throw badFile(STDIN, 0, kind, `a ${found[0]} file: pass it by its name`);
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
