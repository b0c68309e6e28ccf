// Parquet and Arrow files: the packages that read them are loaded when they are first needed, from where this one is installed.
import { type FileHandle, open } from 'node:fs/promises';
import { type ApacheArrow, readArrow } from '../formats/arrow.ts';
import { joinBlocks } from '../formats/column.ts';
import { type Compressors, type Hyparquet, openParquet, type ParquetColumn } from '../formats/parquet.ts';
import { RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { accessError, systemCode } from './access.ts';
import { readBytes, regularSize } from './read.ts';

/** Vectors of a .parquet file, of which one row group at a time is read. */
export async function readParquetFile(path: string, column: string | undefined): Promise<Matrix> {
  return withParquet(path, column, async (parquet) => {
    const all: Matrix[] = [];
    for await (const block of parquet.blocks()) all.push(block);
    return joinBlocks(path, parquet.column, all);
  });
}

/** Does `work` with a .parquet file, whose rows it may take block by block. */
export async function withParquet<T>(path: string, column: string | undefined, work: (parquet: ParquetColumn) => Promise<T>): Promise<T> {
  const hyparquet: Hyparquet = await import('hyparquet').catch(missing(path, 'hyparquet'));
  const compressors = await loadCompressors();
  try {
    const size = await regularSize(path);
    const handle = await open(path, 'r');
    try {
      const source = { byteLength: size, slice: (start: number, end = size) => readPart(handle, path, start, end) };
      return await work(await openParquet(source, path, hyparquet, { column, compressors }));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw systemCode(error) === '' ? error : accessError(path, 'read', error);
  }
}

/** Vectors of an .arrow or .feather file. */
export async function readArrowFile(path: string, column: string | undefined): Promise<Matrix> {
  const arrow: ApacheArrow = await import('apache-arrow').catch(missing(path, 'apache-arrow'));
  return readArrow(await readBytes(path), arrow, { name: path, column });
}

async function readPart(handle: FileHandle, path: string, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw new RvqError('FILE_ACCESS', path, 'cannot read: it shrank while it was read');
    at += bytesRead;
  }
  return bytes.buffer;
}

/** What to do where a package cannot be loaded. Bundlers leave an import with a catch alone where the package is not there. */
function missing(path: string, name: string): (cause: unknown) => never {
  return (cause) => {
    if (!isMissing(cause, name)) throw cause;
    throw new RvqError('UNSUPPORTED', path, `reading it takes the package ${name} beside residual-vq: npm install ${name}`, { cause });
  };
}

/** Only needed for files that are not compressed with Snappy: the error for them says so. */
async function loadCompressors(): Promise<Compressors> {
  try {
    return (await import('hyparquet-compressors')).compressors;
  } catch (cause) {
    if (!isMissing(cause, 'hyparquet-compressors')) throw cause;
    return {};
  }
}

function isMissing(cause: unknown, name: string): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && cause instanceof Error && cause.message.includes(name);
}
