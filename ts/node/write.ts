// Writes a file so that its name always stands for a whole one: beside the target under a temporary name, flushed, then renamed.
import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RvqError } from '../model/errors.ts';
import { accessError, systemCode } from './access.ts';

export interface WriteOptions {
  /** Ends the writing: the temporary file is removed and the promise rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The bytes of a file, piece by piece. They may be made while they are written, and need not be known before. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WritePiecesOptions extends WriteOptions {
  /** What the file begins with instead, asked for after the last piece: a head that tells how much there is. As long as what stands there. */
  head?: (() => Uint8Array) | undefined;
}

/**
 * Writes the pieces one after the other to `path`, which exists afterwards in whole or is as it was before. Errors of the pieces pass through.
 */
export async function writePieces(path: string, pieces: Pieces, { signal, head }: WritePiecesOptions = {}): Promise<void> {
  const target = await withAccessErrors(path, () => resolveTarget(path));
  if (target.kind === 'device') {
    if (head === undefined) return writeDevice(path, target.path, pieces, signal);
    throw new RvqError('UNSUPPORTED', path, 'is no file, and this format begins with the number of rows, which is not known yet');
  }
  const temporary = await withAccessErrors(path, () => openTemporary(target.path));
  try {
    const { handle } = temporary;
    try {
      if (target.mode !== undefined) await withAccessErrors(path, () => handle.chmod(target.mode ?? 0));
      await writeAll(path, handle, pieces, signal);
      await withAccessErrors(path, async () => {
        if (head !== undefined) await writeAt(handle, head(), 0);
        await handle.sync();
      });
      signal?.throwIfAborted();
    } finally {
      await withAccessErrors(path, () => handle.close());
    }
    await withAccessErrors(path, () => rename(temporary.path, target.path));
    temporaries.delete(temporary.path);
  } catch (error) {
    await removeTemporary(temporary.path);
    throw error;
  }
}

/** The temporary files of this process. */
const temporaries = new Set<string>();

/** Removes them all at once: for a process that must end now. */
export function removeTemporaries(): void {
  for (const path of temporaries) {
    try {
      unlinkSync(path);
    } catch {
      // It is gone already, or its folder is.
    }
  }
  temporaries.clear();
}

/** Fails as `writePieces` would where the target cannot be created: asked before long work. Leaves nothing behind. */
export async function checkWritable(path: string): Promise<void> {
  await withAccessErrors(path, async () => {
    const target = await resolveTarget(path);
    if (target.kind === 'device') return;
    const temporary = await openTemporary(target.path);
    await temporary.handle.close();
    temporaries.delete(temporary.path);
    await unlink(temporary.path);
  });
}

interface Target {
  /** A device or pipe is written to as it is: to rename over it would replace it. */
  readonly kind: 'file' | 'device';
  readonly path: string;
  /** The permissions of the file that is replaced. */
  readonly mode?: number;
}

/** The file that the path means; where a symbolic link leads to one, that one. */
async function resolveTarget(path: string): Promise<Target> {
  try {
    const real = await realpath(path);
    const stats = await stat(real);
    if (stats.isDirectory()) throw new RvqError('FILE_ACCESS', path, 'cannot write: is a folder, not a file');
    return { kind: stats.isFile() ? 'file' : 'device', path: real, mode: stats.mode & 0o7777 };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { kind: 'file', path };
    throw error;
  }
}

/** A new file in the folder of `target`, under a name that no one uses. */
async function openTemporary(target: string): Promise<{ handle: FileHandle; path: string }> {
  const path = join(dirname(resolve(target)), `.residual-vq-${randomUUID()}.tmp`);
  temporaries.add(path); // before it is there: the process may be told to end at any moment
  try {
    return { handle: await open(path, 'wx', 0o666), path };
  } catch (error) {
    temporaries.delete(path);
    throw error;
  }
}

async function writeDevice(path: string, real: string, pieces: Pieces, signal: AbortSignal | undefined): Promise<void> {
  const handle = await withAccessErrors(path, () => open(real, 'w'));
  try {
    await writeAll(path, handle, pieces, signal);
  } finally {
    await handle.close();
  }
}

async function writeAll(path: string, handle: FileHandle, pieces: Pieces, signal: AbortSignal | undefined): Promise<void> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    await withAccessErrors(path, () => writeAt(handle, piece));
  }
  signal?.throwIfAborted();
}

/** @param place the byte of the file, by default the next one */
async function writeAt(handle: FileHandle, bytes: Uint8Array, place?: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, place === undefined ? null : place + at)).bytesWritten;
  }
}

async function removeTemporary(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // The error that brought us here says more than that its remains cannot be removed.
  }
  temporaries.delete(path);
}

/** Errors of the system become ours; any other, such as the reason of a signal, stays what it is. */
async function withAccessErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'write', error);
  }
}
