// Writes a file so that its name always stands for a whole one: beside the target under a temporary name, flushed, then renamed.
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RvqError } from '../model/errors.ts';
import { accessError, systemCode } from './access.ts';

export interface WriteOptions {
  /** Ends the writing: the temporary file is removed and the promise rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Writes the pieces one after the other to `path`, which exists afterwards in whole or is as it was before. */
export async function writePieces(path: string, pieces: Iterable<Uint8Array>, { signal }: WriteOptions = {}): Promise<void> {
  await withAccessErrors(path, async () => {
    const target = await resolveTarget(path);
    if (target.kind === 'device') return writeDevice(target.path, pieces);
    const temporary = await openTemporary(target.path);
    try {
      try {
        if (target.mode !== undefined) await temporary.handle.chmod(target.mode);
        await writeAll(temporary.handle, pieces, signal);
        await temporary.handle.sync();
      } finally {
        await temporary.handle.close();
      }
      await rename(temporary.path, target.path);
    } catch (error) {
      await removeQuietly(temporary.path);
      throw error;
    }
  });
}

/** Fails as `writePieces` would where the target cannot be created: asked before long work. Leaves nothing behind. */
export async function checkWritable(path: string): Promise<void> {
  await withAccessErrors(path, async () => {
    const target = await resolveTarget(path);
    if (target.kind === 'device') return;
    const temporary = await openTemporary(target.path);
    await temporary.handle.close();
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

/** A new file in the folder of `target`. Its name is in use by no one: 'wx' creates or fails. */
async function openTemporary(target: string): Promise<{ handle: FileHandle; path: string }> {
  for (let attempt = 0; ; attempt++) {
    const path = join(dirname(target), `.residual-vq-${process.pid}-${attempt}.tmp`);
    try {
      return { handle: await open(path, 'wx', 0o666), path };
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || attempt === 1000) throw error;
    }
  }
}

async function writeDevice(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await writeAll(handle, pieces, undefined);
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, pieces: Iterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at, piece.length - at)).bytesWritten;
  }
  signal?.throwIfAborted();
}

async function removeQuietly(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // The error that brought us here says more than that its remains cannot be removed.
  }
}

/** Errors of the system become ours; any other, such as the reason of a signal, stays what it is. */
async function withAccessErrors(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'write', error);
  }
}
