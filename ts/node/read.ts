// Reads a file into memory, or a part of it, also more than the 2 GiB that fs.readFile takes.
import { open, readdir, stat } from 'node:fs/promises';
import { badArgument, count, RvqError } from '../model/errors.ts';
import { accessError, systemCode } from './access.ts';

/** One read: the system's calls take less than 2 GiB. */
const READ_BYTES = 1 << 30;

/** All bytes of a regular file: a pipe or a device has no size that memory could be bounded by. */
export async function readBytes(path: string): Promise<Uint8Array> {
  return readRange(path, 0, await fileSize(path));
}

/** The bytes of a file from `start` up to, not including, `end`. */
export function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  return withAccess(path, async () => {
    const handle = await open(path, 'r');
    try {
      const bytes = allocate(end - start, path);
      let at = start;
      while (at < end) {
        const { bytesRead } = await handle.read(bytes, at - start, Math.min(READ_BYTES, end - at), at);
        if (bytesRead === 0) throw new RvqError('FILE_ACCESS', path, `cannot read: it shrank to ${count(at)} bytes while it was read`);
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  });
}

/** The size of a regular file, asked before it is opened: to open a pipe would wait for its writer. */
export function fileSize(path: string): Promise<number> {
  return withAccess(path, async () => {
    const stats = await stat(path);
    if (stats.isFile()) return stats.size;
    throw new RvqError('FILE_ACCESS', path, `cannot read: ${stats.isDirectory() ? 'is a folder, not a file' : 'is not a regular file'}`);
  });
}

/** What is not there or cannot be looked at is none: reading it will say why. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** The names in a folder. */
export function filesIn(folder: string): Promise<string[]> {
  return withAccess(folder, () => readdir(folder));
}

export function checkPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw badArgument('path', 'the path of a file', path);
  return path;
}

/** Errors of the system become ours. */
async function withAccess<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'read', error);
  }
}

function allocate(size: number, path: string): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new RvqError('OUT_OF_MEMORY', path, `its ${count(size)} bytes do not fit into one array`, { cause });
  }
}
