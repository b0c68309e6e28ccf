// Reads files: in whole or from any byte on, also more than the 2 GiB that fs.readFile takes.
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { badArgument, counted, RvqError } from '../model/errors.ts';
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
  const size = await fileSize(path);
  const handle = await withAccess(path, () => open(path, 'r'));
  return {
    size,
    fill: (target, place) => withAccess(path, () => fill(handle, path, target, place)),
    close: () => handle.close(),
  };
}

/** Opens a file, and closes it however `use` ends. */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** All bytes of a regular file. */
export function readBytes(path: string): Promise<Uint8Array> {
  return withFile(path, (file) => readFrom(file, path, 0, file.size));
}

/** The bytes of a file from `start` up to, not including, `end`. */
export function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  return withFile(path, (file) => readFrom(file, path, start, end));
}

async function readFrom(file: OpenFile, path: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = allocate(end - start, path);
  await file.fill(bytes, start);
  return bytes;
}

async function fill(handle: FileHandle, path: string, target: Uint8Array, place: number): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const { bytesRead } = await handle.read(target, at, Math.min(READ_BYTES, target.length - at), place + at);
    if (bytesRead === 0) throw new RvqError('FILE_ACCESS', path, `cannot read: it shrank to ${counted(place + at, 'bytes')} while it was read`);
    at += bytesRead;
  }
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
    throw new RvqError('OUT_OF_MEMORY', path, `its ${counted(size, 'bytes')} do not fit into one array`, { cause });
  }
}
