// Parquet and Arrow files: the packages that read them are loaded when they are first needed, from where this one is installed.
import { type ApacheArrow, inspectArrow, readArrow } from '../formats/arrow.ts';
import { joinBlocks } from '../formats/column.ts';
import {
  type Compressors,
  type Hyparquet,
  inspectParquet,
  openParquet,
  type ParquetColumn,
  type ParquetSource,
  type TableFacts,
} from '../formats/parquet.ts';
import { RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import type { VectorsFile } from './open.ts';
import { type OpenFile, openFile, readBytes, withFile } from './read.ts';

/** Vectors of a .parquet file. */
export async function readParquetFile(path: string, column: string | undefined): Promise<Matrix> {
  const parquet = await openColumn(path, column);
  try {
    const all: Matrix[] = [];
    for await (const block of parquet.blocks()) all.push(block);
    return joinBlocks(path, parquet.column, all);
  } finally {
    await parquet.close();
  }
}

/** Vectors of a .parquet file, of which one row group at a time is read. The first one says the dim. */
export async function openParquetFile(path: string, column: string | undefined): Promise<VectorsFile> {
  let first: Matrix | undefined;
  const opened: { rows: number; column: string } = { rows: 0, column: '' };
  for await (const block of groupsOf(path, column, ({ rows, column }) => Object.assign(opened, { rows, column }))) {
    first = block;
    if (block.rows > 0) break;
  }
  const { dim } = joinBlocks(path, opened.column, first === undefined ? [] : [first]);
  return { rows: opened.rows, dim, [Symbol.asyncIterator]: () => groupsOf(path, column) };
}

/** The rows of one row group after the other. The file is open only while they are read. */
async function* groupsOf(
  path: string,
  column: string | undefined,
  begin?: (parquet: ParquetColumn) => void,
): AsyncGenerator<Matrix, void, undefined> {
  const parquet = await openColumn(path, column);
  try {
    begin?.(parquet);
    yield* parquet.blocks();
  } finally {
    await parquet.close();
  }
}

/** What a .parquet, .arrow or .feather file is. */
export async function inspectTable(path: string, format: 'parquet' | 'arrow'): Promise<TableFacts> {
  if (format === 'arrow') return inspectArrow(await readBytes(path), path, await import('apache-arrow').catch(missing(path, 'apache-arrow')));
  const hyparquet: Hyparquet = await import('hyparquet').catch(missing(path, 'hyparquet'));
  return withFile(path, (file) => inspectParquet(sourceOf(file), path, hyparquet));
}

async function openColumn(path: string, column: string | undefined): Promise<ParquetColumn & { close(): Promise<void> }> {
  const hyparquet: Hyparquet = await import('hyparquet').catch(missing(path, 'hyparquet'));
  const compressors = await loadCompressors();
  const file = await openFile(path);
  try {
    const source = sourceOf(file);
    return { ...(await openParquet(source, path, hyparquet, { column, compressors })), close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function sourceOf(file: OpenFile): ParquetSource {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      const bytes = new Uint8Array(end - start);
      await file.fill(bytes, start);
      return bytes.buffer;
    },
  };
}

/** Vectors of an .arrow or .feather file. */
export async function readArrowFile(path: string, column: string | undefined): Promise<Matrix> {
  const arrow: ApacheArrow = await import('apache-arrow').catch(missing(path, 'apache-arrow'));
  return readArrow(await readBytes(path), arrow, { name: path, column });
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
