// Reads files: in whole, also those of more than the 2 GiB that fs.readFile takes, or from any byte on.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { count, RvqError } from '../model/errors.ts';
import { accessError, systemCode } from './access.ts';

/** One read: the system's calls take less than 2 GiB. */
const READ_BYTES = 1 << 30;

/** A file that is read from. */
export interface OpenFile {
  /** Bytes of it. */
  readonly size: number;
  /** Fills `target` with what stands from byte `place` on. */
  fill(target: Uint8Array, place: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a regular file: a pipe or a device has no size that memory could be bounded by. */
export async function openFile(path: string): Promise<OpenFile> {
  return withAccessErrors(path, async () => {
    const size = await regularSize(path);
    const handle = await open(path, 'r');
    return {
      size,
      fill: (target, place) => withAccessErrors(path, () => fill(handle, path, target, place)),
      close: () => handle.close(),
    };
  });
}

/** All bytes of a regular file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const bytes = allocate(file.size, path);
    await file.fill(bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

async function fill(handle: FileHandle, path: string, target: Uint8Array, place: number): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const { bytesRead } = await handle.read(target, at, Math.min(READ_BYTES, target.length - at), place + at);
    if (bytesRead === 0) throw new RvqError('FILE_ACCESS', path, `cannot read: it shrank to ${count(place + at)} bytes while it was read`);
    at += bytesRead;
  }
}

async function withAccessErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'read', error);
  }
}

async function regularSize(path: string): Promise<number> {
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
