// The pages of a Parquet column, checked before hyparquet decodes them: it trusts the sizes and the counts that they tell, and a wrong one
// costs gigabytes or hours. Source: https://github.com/apache/parquet-format (Thrift definitions and Encodings.md).
import { count, counted } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile } from './check.ts';
import { readThrift, type ThriftStruct, type ThriftValue } from './thrift.ts';

export type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

/** A column of a row group: its bytes, and what the metadata tell of it. */
export interface ColumnChunk {
  readonly name: string;
  /** The byte of the file where the chunk begins. */
  readonly place: number;
  readonly bytes: Uint8Array;
  readonly codec: string;
  readonly values: number;
  /** The deepest levels that its values may have. */
  readonly repetition: number;
  readonly definition: number;
}

interface Page {
  /** Of its data, within the chunk. */
  readonly start: number;
  readonly end: number;
  readonly uncompressed: number;
  /** Of all of it, with levels that lie apart. */
  readonly size: number;
  readonly values: number;
  /** Levels, then values; or in a page of version 2 values alone, as its levels lie apart and are never compressed. */
  readonly levels: boolean;
  readonly encoding: number | undefined;
}

/** Numbers of encodings: a run-length code of numbers in a dictionary, and numbers as differences. */
const DICTIONARY_ENCODINGS = [2, 8];
const DELTA_ENCODINGS = [5, 6];
/** Plain, and the same with first bytes first. */
const PLAIN_ENCODINGS = [0, 9];

const FREE_VALUES = 2 ** 20;
const VALUES_PER_BYTE = 258;

/**
 * How many float32 the column of a file may be, so that no small file takes much memory: a million, and as many more as deflate makes of a
 * byte.
 */
export function mostFloats(fileBytes: number): number {
  return FREE_VALUES + VALUES_PER_BYTE * fileBytes;
}

/** What the pages of a column may still take, which each one lessens. */
export interface PageBudget {
  values: number;
  /** Of pages that are not compressed, or no longer. */
  bytes: number;
}

/** For all chunks of one column: eight bytes for each value, as the longest numbers have. */
export function pageBudget(fileBytes: number): PageBudget {
  const values = mostFloats(fileBytes);
  return { values, bytes: 8 * values };
}

/**
 * Checks the headers of all pages, and what is in them: at once where it is not compressed.
 *
 * @param decompress of the codec, where there is one
 * @param budget of the file, of which the pages are taken
 * @returns a function to decompress with, which checks what comes out
 */
export function guardPages(chunk: ColumnChunk, decompress: Decompress | undefined, budget: PageBudget): Decompress {
  const pages = new Map<number, Page>();
  let values = 0;
  let at = 0;
  if (chunk.values > budget.values)
    throw badFile(chunk.name, chunk.place, `at most ${count(budget.values)} more values in so small a file`, count(chunk.values));
  while (at < chunk.bytes.length) {
    const page = readPage(chunk, at, budget);
    budget.bytes -= page.size;
    pages.set(page.start, page);
    if (page.encoding !== undefined) values += page.values;
    if (chunk.codec === 'UNCOMPRESSED') checkContents(chunk, page, chunk.bytes.subarray(page.start, page.end));
    at = page.end;
  }
  if (values !== chunk.values) throw badFile(chunk.name, chunk.place, `pages of ${counted(chunk.values, 'values')}`, count(values));
  budget.values -= values;
  return (input, outputLength) => {
    const page = pages.get(input.byteOffset);
    if (page === undefined || decompress === undefined) throw new Error('compressed data where no page is');
    const contents = decompress(input, outputLength);
    checkContents(chunk, page, contents);
    return contents;
  };
}

function readPage(chunk: ColumnChunk, at: number, budget: PageBudget): Page {
  const { bytes, name, place } = chunk;
  const { struct, end: headEnd } = readThrift(bytes, at, name, place);
  const fail = (expected: string, got: string) => badFile(name, place + at, expected, got);
  const need = (fields: ThriftStruct, id: number, what: string, limit: number): number => {
    const value = fields.get(id);
    if (typeof value !== 'number' || value < 0 || value > limit) throw fail(`a page with ${what} of 0 to ${count(limit)}`, describeValue(value));
    return value;
  };
  const type = need(struct, 1, 'a type', 3);
  const compressed = need(struct, 3, 'a compressed size', bytes.length - headEnd);
  const uncompressed = need(struct, 2, 'a size', budget.bytes);
  const head = struct.get({ 0: 5, 2: 7, 3: 8 }[type] ?? -1);
  if (!(head instanceof Map)) throw fail('a page of data or a dictionary, with its header', `type ${type}`);
  const values = need(head, 1, 'a number of values', budget.values);
  const end = headEnd + compressed;
  if (type === 2) return { start: headEnd, end, uncompressed, size: uncompressed, values, levels: false, encoding: undefined };
  if (type === 0) return { start: headEnd, end, uncompressed, size: uncompressed, values, levels: true, encoding: need(head, 2, 'an encoding', 9) };
  need(head, 2, 'a number of nulls', values);
  need(head, 3, 'a number of rows', budget.values);
  const definitions = need(head, 5, 'a length of definition levels', Math.min(compressed, uncompressed));
  const repetitions = need(head, 6, 'a length of repetition levels', Math.min(compressed, uncompressed) - definitions);
  const start = headEnd + repetitions + definitions;
  const page: Page = {
    start,
    end,
    uncompressed: uncompressed - repetitions - definitions,
    size: uncompressed,
    values,
    levels: false,
    encoding: need(head, 4, 'an encoding', 9),
  };
  const parts = [
    [chunk.repetition, headEnd, headEnd + repetitions],
    [chunk.definition, headEnd + repetitions, start],
  ] as const;
  for (const [level, from, to] of parts) {
    if (level > 0) checkRuns(chunk, bytes.subarray(from, to), place + from, { width: bitsFor(level), values, exact: true });
  }
  if (head.get(7) === false) checkContents(chunk, page, bytes.subarray(start, end));
  return page;
}

function describeValue(value: ThriftValue | undefined): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value === undefined ? 'none' : 'something else';
}

function bitsFor(level: number): number {
  return 32 - Math.clz32(level);
}

/** Looks at what a page holds once it is not compressed. */
function checkContents(chunk: ColumnChunk, page: Page, contents: Uint8Array): void {
  const { encoding, values } = page;
  const place = chunk.place + page.start;
  const fail = (expected: string, got: string) => badFile(chunk.name, place, expected, got);
  if (contents.length !== page.uncompressed) throw fail(`a page of ${counted(page.uncompressed, 'bytes')}`, count(contents.length));
  if (encoding === undefined) return; // a dictionary
  let at = 0;
  if (page.levels) {
    for (const level of [chunk.repetition, chunk.definition]) {
      if (level === 0) continue;
      if (at + 4 > contents.length) throw fail('levels of the values', 'the end of the page');
      const length = viewOf(contents).getUint32(at, true);
      if (length > contents.length - at - 4) throw fail(`levels of at most ${counted(contents.length - at - 4, 'bytes')}`, count(length));
      at += 4;
      checkRuns(chunk, contents.subarray(at, at + length), place, { width: bitsFor(level), values, exact: true });
      at += length;
    }
  }
  const rest = contents.subarray(at);
  if (DICTIONARY_ENCODINGS.includes(encoding)) {
    const width = rest[0] ?? 0;
    if (width > 32) throw fail('numbers of at most 32 bits in a dictionary', String(width));
    checkRuns(chunk, rest.subarray(1), place, { width, values, exact: false });
  } else if (DELTA_ENCODINGS.includes(encoding)) checkDelta(chunk, rest, place);
  else if (!PLAIN_ENCODINGS.includes(encoding))
    throw fail('an encoding that vectors have: plain, dictionary, split bytes or differences', String(encoding));
}

/** Checks runs of numbers of `width` bits, which are as many as there are values, or as there are values that are not null. */
function checkRuns(
  chunk: ColumnChunk,
  bytes: Uint8Array,
  place: number,
  { width, values, exact }: { width: number; values: number; exact: boolean },
): void {
  let at = 0;
  let seen = 0;
  while (seen < values && at < bytes.length) {
    const [head, next] = varint(bytes, at);
    const packed = head & 1;
    const length = packed ? (head >>> 1) * width : (width + 7) >> 3;
    const numbers = packed ? (head >>> 1) * 8 : head >>> 1;
    // Groups of eight may be filled up behind the last value, and are cut where the page ends.
    const most = packed ? values - seen + 7 : values - seen;
    if (next > bytes.length || numbers === 0 || numbers > most || (!packed && next + length > bytes.length)) {
      throw badFile(chunk.name, place, `runs of ${count(values)} numbers`, `a run of ${count(numbers)} after ${count(seen)}`);
    }
    at = next + length;
    seen += numbers;
  }
  if (exact && seen < values) throw badFile(chunk.name, place, `runs of ${count(values)} numbers`, count(seen));
}

/** The head of numbers that are coded as differences: the size of blocks, and of blocks in them. */
function checkDelta(chunk: ColumnChunk, bytes: Uint8Array, place: number): void {
  const [block, next] = varint(bytes, 0);
  const [parts] = varint(bytes, next);
  const fits = block > 0 && block <= 65536 && parts > 0 && parts <= 512 && block % parts === 0;
  if (!fits) throw badFile(chunk.name, place, 'blocks of at most 65,536 differences in at most 512 parts', `${count(block)} in ${count(parts)}`);
}

/** An unsigned number, and the byte after it; past the end of the bytes where it does not end. */
function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0;
  for (let at = start, shift = 0; at < bytes.length && shift < 32; at++, shift += 7) {
    value |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) return [value >>> 0, at + 1];
  }
  return [0, bytes.length + 1];
}
