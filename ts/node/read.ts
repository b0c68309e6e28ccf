// Reads a whole file into memory, also one of more than the 2 GiB that fs.readFile takes.
import { open, stat } from 'node:fs/promises';
import { count, RvqError } from '../model/errors.ts';
import { accessError, systemCode } from './access.ts';

/** One read: the system's calls take less than 2 GiB. */
const READ_BYTES = 1 << 30;

/** All bytes of a regular file: a pipe or a device has no size that memory could be bounded by. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const size = await regularSize(path);
    const handle = await open(path, 'r');
    try {
      const bytes = allocate(size, path);
      let at = 0;
      while (at < size) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(READ_BYTES, size - at), at);
        if (bytesRead === 0) throw new RvqError('FILE_ACCESS', path, `cannot read: it shrank to ${count(at)} bytes while it was read`);
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'read', error);
  }
}

/** The bytes of a regular file. */
export async function regularSize(path: string): Promise<number> {
  const stats = await stat(path); // before it is opened: to open a pipe would wait for its writer
  if (stats.isFile()) return stats.size;
  throw new RvqError('FILE_ACCESS', path, `cannot read: ${stats.isDirectory() ? 'is a folder, not a file' : 'is not a regular file'}`);
}

function allocate(size: number, path: string): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new RvqError('OUT_OF_MEMORY', path, `its ${count(size)} bytes do not fit into one array`, { cause });
  }
}
