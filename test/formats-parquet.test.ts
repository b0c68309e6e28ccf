// Parquet by way of hyparquet: files that pyarrow wrote, and what is done to them.
import { readFileSync } from 'node:fs';
import * as hyparquet from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { rowsOfValues } from '../ts/formats/column.ts';
import { type Hyparquet, openParquet, readParquet } from '../ts/formats/parquet.ts';
import { guardPages, type PageBudget } from '../ts/formats/parquet-pages.ts';
import { type Matrix, matrix } from '../ts/model/matrix.ts';
import { withstandsDamage } from './support/damage.ts';
import { errorOf, rejectionOf } from './support/files.ts';

function fixture(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`./fixtures/tables/${name}`, import.meta.url)));
}

/** What every column of the fixtures holds: 0, 1, 2, ... halved, less 3. */
const halves = matrix(
  Float32Array.from({ length: 21 }, (_, i) => i / 2 - 3),
  3,
);
const wholes = matrix(
  halves.data.map((value) => 2 * value),
  3,
);

async function message(bytes: Uint8Array, column?: string): Promise<string> {
  const { code, message } = await rejectionOf(readParquet(bytes, hyparquet, { name: 'a.parquet', column }));
  expect(code).toBe('BAD_FILE');
  return message;
}

describe('readParquet', () => {
  it.each(['list', 'doubles', 'halves', 'fixed', 'large', 'binary', 'fixed_binary'])('reads a column of %s', async (column) => {
    expect(await readParquet(fixture('all.parquet'), hyparquet, { column })).toEqual(halves);
  });

  it.each(['ints', 'longs', 'shorts'])('reads a column of %s', async (column) => {
    expect(await readParquet(fixture('all.parquet'), hyparquet, { column })).toEqual(wholes);
  });

  it.each(['plain', 'dictionary', 'split', 'snappy', 'v2', 'binary'])('takes the only column that can be vectors: %s', async (name) => {
    expect(await readParquet(fixture(`${name}.parquet`), hyparquet)).toEqual(halves);
  });

  it('reads numbers that are stored as differences', async () => {
    expect(await readParquet(fixture('delta.parquet'), hyparquet)).toEqual(wholes);
  });

  it.each(['zstd', 'gzip', 'lz4'])('reads %s with hyparquet-compressors, and says that it takes them', async (name) => {
    expect(await readParquet(fixture(`${name}.parquet`), hyparquet, { compressors })).toEqual(halves);
    const { code, message } = await rejectionOf(readParquet(fixture(`${name}.parquet`), hyparquet));
    expect(code).toBe('UNSUPPORTED');
    expect(message).toMatch(/^vectors\.parquet: compressed with \w+, which takes a package beside hyparquet: npm install hyparquet-compressors$/);
  });

  it('gives row group after row group, of which one at a time is read', async () => {
    const bytes = fixture('plain.parquet');
    let read = 0;
    const source = {
      byteLength: bytes.length,
      slice(start: number, end = bytes.length) {
        read += end - start;
        return bytes.slice(start, end).buffer;
      },
    };
    const { rows, blocks } = await openParquet(source, 'a.parquet', hyparquet, {});
    expect(rows).toBe(7);
    const before = read;
    const found: Matrix[] = [];
    for await (const block of blocks()) {
      found.push(block);
      if (found.length === 1) expect(read - before).toBeLessThan(200);
    }
    expect(found.map((block) => block.rows)).toEqual([4, 3]);
  });

  it('says which columns there are where it is not clear which one is meant', async () => {
    const columns = '"list", "doubles", "halves", "ints", "longs", "shorts", "fixed", "large" and 7 more';
    const kinds = 'of lists of numbers, or of bytes';
    expect(await message(fixture('all.parquet'))).toBe(
      `a.parquet: columns: expected one column ${kinds}, or the name of the one to read, got ${columns}`,
    );
    expect(await message(fixture('all.parquet'), 'text')).toBe(
      `a.parquet: columns: expected column "text", ${kinds}, got another; there are ${columns}`,
    );
    expect(await message(fixture('plain.parquet'), 'vectors')).toBe(`a.parquet: columns: expected column "vectors", ${kinds}, got "list"`);
  });

  it('refuses nulls, rows of other lengths, and bytes that are no float32, with the row', async () => {
    const of = (column: string) => message(fixture('all.parquet'), column);
    expect(await of('nulls')).toBe('a.parquet: column "nulls", row 1: expected a list of numbers, got null');
    expect(await of('inner')).toBe('a.parquet: column "inner", row 1: expected a number as element 1, got null');
    expect(await of('ragged')).toBe('a.parquet: column "ragged", row 1: expected 3 values, as the first row has, got 1');
    expect(await of('empty')).toBe('a.parquet: column "empty", row 0: expected 1 to 4,096 values, got 0');
    expect(await of('odd_bytes')).toBe('a.parquet: column "odd_bytes", row 0: expected float32, 4 bytes each, got 5 bytes');
  });

  it('refuses more float32 than so small a file may be, over all row groups', async () => {
    const bytes = fixture('repeated.parquet'); // one row of 4,096 zeros, 200 times in each of two row groups
    const most = Math.floor((2 ** 20 + 258 * bytes.length) / 4096);
    expect(most).toBeGreaterThan(200);
    expect(await message(bytes)).toBe(`a.parquet: column "wide", row 200: expected at most ${most} rows of dim 4,096 in so small a file, got 400`);
  });

  it('refuses row groups that share their bytes, so that no file grows by being read', async () => {
    const shared: Hyparquet = {
      ...hyparquet,
      async parquetMetadataAsync(file, options) {
        const metadata = await (hyparquet as Hyparquet).parquetMetadataAsync(file, options);
        const [first, ...others] = metadata.row_groups;
        return { ...metadata, row_groups: [first, ...others.map((group) => ({ ...group, columns: first.columns }))] };
      },
    };
    const { code, message } = await rejectionOf(readParquet(fixture('plain.parquet'), shared));
    expect(code).toBe('BAD_FILE');
    expect(message).toMatch(/byte \d+: expected column "list" of a row group after those before it, got two that overlap$/);
  });

  it('takes the pages of all row groups from one budget, values and bytes', () => {
    // A page of 100 numbers of a dictionary in no bits: its size before compression is told to be 1,000,000 bytes.
    const page = Uint8Array.of(0x15, 0, 0x15, 0x80, 0x89, 0x7a, 0x15, 4, 0x2c, 0x15, 0xc8, 1, 0x15, 16, 0x15, 6, 0x15, 6, 0, 0, 0, 0);
    const chunk = { name: 'a.parquet', place: 4, bytes: page, codec: 'ZSTD', values: 100, repetition: 0, definition: 0 };
    const read = (budget: PageBudget) => guardPages(chunk, () => new Uint8Array(), budget);
    const budget = { values: 250, bytes: 10_000_000 };
    read(budget);
    read(budget);
    expect(budget).toEqual({ values: 50, bytes: 8_000_000 });
    expect(errorOf(() => read(budget)).message).toBe('a.parquet: byte 4: expected at most 50 more values in so small a file, got 100');
    const { message } = errorOf(() => read({ values: 100, bytes: 999_999 }));
    expect(message).toBe('a.parquet: byte 4: expected a page with a size of 0 to 999,999, got 1000000');
  });

  it('refuses one wide row before many that are not, before it takes memory for all', () => {
    const values = Array.from({ length: 2 ** 20 }, (_, row) => (row === 0 ? new Uint8Array(4 * 4096) : new Uint8Array(4)));
    const { code, message } = errorOf(() => rowsOfValues({ name: 'a.parquet', column: 'c', dim: undefined, rows: 0 }, values));
    expect([code, message]).toEqual(['BAD_FILE', 'a.parquet: column "c", row 1: expected 4,096 values, as the first row has, got 1']);
  });

  it('refuses metadata of lists in lists, however deep', async () => {
    const length = 100_000;
    const bytes = new Uint8Array(length + 12).fill(0x19); // a field that is a list of one list of one list ...
    bytes.set([80, 65, 82, 49]);
    new DataView(bytes.buffer).setUint32(length + 4, length, true);
    bytes.set([80, 65, 82, 49], length + 8);
    expect(await message(bytes)).toMatch(/^a\.parquet: byte \d+: expected metadata at most 32 deep, got deeper ones$/);
  });
});

for (const name of ['plain', 'dictionary', 'snappy', 'v2', 'binary', 'delta', 'split', 'zstd', 'gzip', 'lz4'] as const) {
  withstandsDamage({
    name: `${name}.parquet`,
    bytes: fixture(`${name}.parquet`),
    read: (bytes) => readParquet(bytes, hyparquet, { name: `${name}.parquet`, compressors }),
    memory: { perByte: 16, fixed: 32 * 2 ** 20 },
    flips: [1, 16, 255],
    runs: 100,
  });
}
