// .parquet: a column of lists of numbers, or of bytes that are float32. hyparquet reads it, which whoever calls brings along; its sizes and
// counts are checked here first.
import type { Bytes } from '../model/arrays.ts';
import { count, counted, describe, RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { readOptions } from '../model/options.ts';
import { badFile, quote } from './check.ts';
import { type ColumnRows, chooseColumn, joinBlocks, rowsOfValues } from './column.ts';
import { checkBytes, checkName } from './named.ts';
import { type Decompress, guardPages, mostFloats, pageBudget } from './parquet-pages.ts';
import { readThrift } from './thrift.ts';

/** A file that is read piece by piece: hyparquet's AsyncBuffer. */
export interface ParquetSource {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

interface SchemaElement {
  readonly name: string;
  readonly type?: string | undefined;
  readonly num_children?: number | undefined;
  readonly repetition_type?: string | undefined;
  readonly converted_type?: string | undefined;
  readonly logical_type?: { readonly type: string } | undefined;
}

interface ColumnMetadata {
  readonly path_in_schema?: readonly string[] | undefined;
  readonly codec: string;
  readonly num_values: bigint;
  readonly total_compressed_size: bigint;
  readonly data_page_offset: bigint;
  readonly dictionary_page_offset?: bigint | undefined;
}

interface ParquetMetadata {
  readonly schema: readonly SchemaElement[];
  readonly num_rows: bigint;
  readonly row_groups: readonly { readonly num_rows: bigint; readonly columns: readonly { readonly meta_data?: ColumnMetadata | undefined }[] }[];
}

/** What hyparquet is asked for. */
interface ReadRequest {
  readonly file?: ParquetSource;
  readonly metadata?: ParquetMetadata;
  readonly columns?: readonly string[];
  readonly utf8?: boolean;
  readonly geoparquet?: boolean;
  readonly compressors?: Compressors;
  onChunk?(chunk: { readonly columnData: ArrayLike<unknown>; readonly rowStart: number }): void;
}

/** Decompressors by codec: `compressors` of the package hyparquet-compressors, for other codecs than Snappy. */
export type Compressors = { readonly [codec: string]: Decompress | undefined };

/** What is used of the package hyparquet: `import * as hyparquet from 'hyparquet'`. */
export interface Hyparquet {
  parquetMetadataAsync(file: ParquetSource, options?: { geoparquet?: boolean }): Promise<ParquetMetadata>;
  parquetRead(options: ReadRequest): Promise<void>;
  snappyUncompress(input: Uint8Array, output: Uint8Array): void;
}

export interface ReadParquetOptions {
  /** What the bytes are called in errors; default "vectors.parquet". */
  name?: string | undefined;
  /** The column, where several may be vectors. */
  column?: string | undefined;
  /** For files that are compressed with something else than Snappy: `compressors` of the package hyparquet-compressors. */
  compressors?: Compressors | undefined;
}

/**
 * Reads vectors from the bytes of a .parquet file: a column of lists of numbers, all of one length and without nulls, or of bytes that are
 * little-endian float32.
 *
 * @param hyparquet the package of that name: `import * as hyparquet from 'hyparquet'`
 * @throws RvqError `BAD_FILE` with the byte, or the column and row
 */
export async function readParquet(bytes: Uint8Array, hyparquet: Hyparquet, options?: ReadParquetOptions): Promise<Matrix> {
  const given = readOptions('readParquet', options, ['name', 'column', 'compressors']);
  const name = checkName('readParquet', given.name ?? 'vectors.parquet');
  const { buffer, byteOffset, byteLength } = checkBytes(bytes);
  const source = { byteLength, slice: (start: number, end = byteLength) => copyOf(new Uint8Array(buffer, byteOffset + start, end - start)) };
  const { column, blocks } = await openParquet(source, name, hyparquet, given);
  const all: Matrix[] = [];
  for await (const block of blocks()) all.push(block);
  return joinBlocks(name, column, all);
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy: Bytes = Uint8Array.from(bytes);
  return copy.buffer;
}

export interface ParquetColumn {
  readonly column: string;
  readonly rows: number;
  /** The rows of each row group in turn. */
  blocks(): AsyncGenerator<Matrix, void, undefined>;
}

/** What a table is: its rows, and its columns, some of which may be vectors. */
export interface TableFacts {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly vectors: boolean }[];
}

/** Reads the metadata alone. */
export async function inspectParquet(source: ParquetSource, name: string, hyparquet: Hyparquet): Promise<TableFacts> {
  const { rows, columns } = await readMetadata(source, name, hyparquet);
  return { rows, columns: columns.map((column) => ({ name: column.name, vectors: column.vectors })) };
}

async function readMetadata(source: ParquetSource, name: string, hyparquet: Hyparquet) {
  await checkFooter(source, name);
  const metadata = await fromLibrary(name, () => hyparquet.parquetMetadataAsync(source, { geoparquet: false }));
  const columns = columnsOf(metadata, name);
  const groups = metadata.row_groups.map(({ num_rows: rows }) => sizeOf(rows, 'the rows of a row group', name));
  const rows = groups.reduce((a, b) => a + b, 0);
  if (BigInt(rows) !== metadata.num_rows)
    throw badFile(name, 'metadata', `${counted(rows, 'rows')}, as the row groups have`, String(metadata.num_rows));
  return { metadata, columns, groups, rows };
}

/** Reads what a file is, and its rows when they are asked for: one row group after the other. */
export async function openParquet(
  source: ParquetSource,
  name: string,
  hyparquet: Hyparquet,
  { column: wanted, compressors = {} }: Omit<ReadParquetOptions, 'name'>,
): Promise<ParquetColumn> {
  const { metadata, columns, groups, rows } = await readMetadata(source, name, hyparquet);
  const column = chooseColumn(name, wanted, columns);
  const leaf = columns.find((each) => each.name === column);
  if (leaf === undefined) throw new Error('a column that was found is gone');
  const places = placesOf(metadata, leaf, name, source.byteLength);
  async function* blocks(): AsyncGenerator<Matrix, void, undefined> {
    const target: ColumnRows = { name, column, dim: undefined, rows: 0, most: mostFloats(source.byteLength) };
    const budget = pageBudget(source.byteLength);
    for (const [group, groupRows] of groups.entries()) {
      const chunk = await readChunk(source, name, places[group], leaf as Column);
      const { codec } = chunk;
      const guard = guardPages(chunk, decompressorOf(codec, name, hyparquet, compressors), budget);
      const values: unknown[] = [];
      const request: ReadRequest = {
        file: chunk.source,
        metadata: { ...metadata, num_rows: BigInt(groupRows), row_groups: [metadata.row_groups[group]] },
        columns: [column],
        utf8: false,
        geoparquet: false,
        compressors: { [codec]: guard },
        onChunk: ({ columnData }) => {
          for (let i = 0; i < columnData.length; i++) values.push(columnData[i]);
        },
      };
      if (groupRows > 0) await fromLibrary(name, () => hyparquet.parquetRead(request));
      if (values.length !== groupRows) throw badFile(name, `row group ${group}`, counted(groupRows, 'rows'), count(values.length));
      yield rowsOfValues(target, values);
    }
  }
  return { column, rows, blocks };
}

/** The codecs that hyparquet-compressors adds. */
const MORE_CODECS = ['GZIP', 'BROTLI', 'LZ4', 'LZ4_RAW', 'ZSTD'];

function decompressorOf(codec: string, name: string, { snappyUncompress }: Hyparquet, compressors: Compressors): Decompress | undefined {
  if (codec === 'UNCOMPRESSED') return undefined;
  if (Object.hasOwn(compressors, codec)) return compressors[codec];
  if (codec === 'SNAPPY') {
    return (input, outputLength) => {
      const output = new Uint8Array(outputLength);
      snappyUncompress(input, output);
      return output;
    };
  }
  if (!MORE_CODECS.includes(codec)) throw badFile(name, 'metadata', 'a codec that hyparquet reads', codec);
  throw new RvqError('UNSUPPORTED', name, `compressed with ${codec}, which takes a package beside hyparquet: npm install hyparquet-compressors`);
}

/** What the library throws at bytes that are no Parquet becomes ours. */
async function fromLibrary<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RvqError) throw cause;
    throw badFile(name, 'data', 'Parquet', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const MAGIC = 'PAR1';

/** Checks that the metadata, at the end of the file, are Thrift with sizes that fit. */
async function checkFooter(source: ParquetSource, name: string): Promise<void> {
  const size = source.byteLength;
  if (size < 12) throw badFile(name, 0, `"${MAGIC}", metadata, their length and "${MAGIC}"`, `a file of ${counted(size, 'bytes')}`);
  const read = async (start: number, end: number) => new Uint8Array(await source.slice(start, end));
  const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
  const [first, last] = [await read(0, 4), await read(size - 8, size)];
  if (text(first) !== MAGIC) throw badFile(name, 0, `"${MAGIC}"`, quote(text(first)));
  const magic = text(last.subarray(4));
  if (magic !== MAGIC) throw badFile(name, size - 4, `"${MAGIC}"`, magic === 'PARE' ? '"PARE", encrypted metadata' : quote(magic));
  const length = new DataView(last.buffer, last.byteOffset).getUint32(0, true);
  if (length > size - 12) throw badFile(name, size - 8, `a length of the metadata, at most ${count(size - 12)}`, count(length));
  const start = size - 8 - length;
  const { end } = readThrift(await read(start, size - 8), 0, name, start);
  if (end !== length) throw badFile(name, start + end, 'the end of the metadata', counted(length - end, 'more bytes'));
}

interface Column {
  readonly name: string;
  /** The path of its values, where there is but one kind of them. */
  readonly path: string;
  /** The deepest levels of its values. */
  readonly repetition: number;
  readonly definition: number;
  /** Whether it is lists of numbers or bytes. */
  readonly vectors: boolean;
}

/** The columns of the table, from the schema: a tree, told from the top, every node with the number of its children. */
function columnsOf({ schema }: ParquetMetadata, name: string): Column[] {
  const leaves: { path: string[]; levels: Record<string, number>; element: SchemaElement }[] = [];
  let next = 1;
  function walk(path: readonly string[], levels: { readonly [type: string]: number }): void {
    const element = schema[next++];
    if (element === undefined || path.length > 32)
      throw badFile(name, 'metadata', 'a schema whose elements are all there', `${schema.length} of them`);
    const repetition = element.repetition_type ?? 'none';
    const here = { ...levels, [repetition]: (levels[repetition] ?? 0) + 1 };
    const below = [...path, String(element.name)];
    const children = element.num_children ?? 0;
    if (children === 0) leaves.push({ path: below, levels: here, element });
    for (let i = 0; i < children; i++) walk(below, here);
  }
  while (next < schema.length) walk([], {});
  const names = [...new Set(leaves.map(({ path }) => path[0]))];
  return names.map((column) => {
    const own = leaves.filter(({ path }) => path[0] === column);
    const [{ path, levels, element }] = own;
    const repetition = levels.REPEATED ?? 0;
    const definition = repetition + (levels.OPTIONAL ?? 0);
    const vectors = own.length === 1 && (repetition === 1 ? isNumber(element) : repetition === 0 && path.length === 1 && isBytes(element));
    return { name: column, path: path.join('\0'), repetition, definition, vectors };
  });
}

function isNumber({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (type === 'FLOAT' || type === 'DOUBLE' || logical?.type === 'FLOAT16') return true;
  return (
    (type === 'INT32' || type === 'INT64') &&
    (converted === undefined ? logical === undefined || logical.type === 'INTEGER' : /^U?INT_/.test(converted))
  );
}

function isBytes({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY') && converted === undefined && logical === undefined;
}

/** Where a column lies of a row group. */
interface ChunkPlace {
  readonly start: number;
  readonly end: number;
  readonly codec: string;
  readonly values: number;
}

/** The places of a column, of all row groups: each lies in the file, and none over another, so that no file grows by being read. */
function placesOf({ row_groups: groups }: ParquetMetadata, leaf: Column, name: string, fileBytes: number): ChunkPlace[] {
  const wanted = `column ${quote(leaf.name)}`;
  const places = groups.map(({ columns }, group) => {
    const at = `metadata of row group ${group}`;
    const metadata = columns.map((column) => column.meta_data).find((each) => each?.path_in_schema?.join('\0') === leaf.path);
    if (metadata === undefined) throw badFile(name, at, wanted, 'none');
    const start = sizeOf(metadata.dictionary_page_offset || metadata.data_page_offset, 'the byte of a column', name);
    const end = start + sizeOf(metadata.total_compressed_size, 'the bytes of a column', name);
    if (start < 4 || end > fileBytes)
      throw badFile(name, at, `${wanted} within the file's ${counted(fileBytes, 'bytes')}`, `bytes ${count(start)} to ${count(end)}`);
    return { start, end, codec: String(metadata.codec), values: sizeOf(metadata.num_values, 'the values of a column', name) };
  });
  let before = 0;
  for (const { start, end } of [...places].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < before) throw badFile(name, start, `${wanted} of a row group after those before it`, 'two that overlap');
    before = end;
  }
  return places;
}

/** The bytes of a column in a row group, with a source that gives them to the library again. */
async function readChunk(source: ParquetSource, name: string, { start: place, end: last, codec, values }: ChunkPlace, leaf: Column) {
  const buffer = await source.slice(place, last);
  const held: ParquetSource = {
    byteLength: source.byteLength,
    slice: (start, end = source.byteLength) => (start === place && end === last ? buffer : source.slice(start, end)),
  };
  const { repetition, definition } = leaf;
  return { name, place, bytes: new Uint8Array(buffer), codec, values, repetition, definition, source: held };
}

function sizeOf(value: unknown, what: string, name: string): number {
  if (typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw badFile(name, 'metadata', what, describe(value));
}
