// Arrow by way of apache-arrow: files that pyarrow wrote, and what is done to them.
import { readFileSync } from 'node:fs';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { readArrow } from '../ts/formats/arrow.ts';
import { matrix } from '../ts/model/matrix.ts';
import { withstandsDamage } from './support/damage.ts';
import { errorOf } from './support/files.ts';

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

function message(bytes: Uint8Array, column?: string): string {
  const { code, message } = errorOf(() => readArrow(bytes, arrow, { name: 'a.arrow', column }));
  expect(code).toBe('BAD_FILE');
  return message;
}

describe('readArrow', () => {
  it.each(['list', 'doubles', 'halves', 'fixed', 'large', 'binary', 'fixed_binary'])('reads a column of %s, in two batches', (column) => {
    expect(readArrow(fixture('all.arrow'), arrow, { column })).toEqual(halves);
  });

  it.each(['ints', 'longs', 'shorts'])('reads a column of %s', (column) => {
    expect(readArrow(fixture('all.arrow'), arrow, { column })).toEqual(wholes);
  });

  it.each(['list.arrow', 'fixed.arrow', 'binary.arrow', 'stream.arrow', 'plain.feather'])('takes the only column that can be vectors: %s', (name) => {
    expect(readArrow(fixture(name), arrow)).toEqual(halves);
  });

  it.each(['list', 'fixed', 'binary', 'large'])('reads a slice of a table: %s', (column) => {
    expect(readArrow(fixture('sliced.arrow'), arrow, { column })).toEqual(matrix(halves.data.slice(6, 18), 3));
  });

  it('says which columns there are where it is not clear which one is meant', () => {
    const columns = '"list", "doubles", "halves", "ints", "longs", "shorts", "fixed", "large" and 7 more';
    const kinds = 'of lists of numbers, or of bytes';
    expect(message(fixture('all.arrow'))).toBe(`a.arrow: columns: expected one column ${kinds}, or the name of the one to read, got ${columns}`);
    expect(message(fixture('all.arrow'), 'id')).toBe(`a.arrow: columns: expected column "id", ${kinds}, got another; there are ${columns}`);
  });

  it('refuses nulls, rows of other lengths, and bytes that are no float32, with the row', () => {
    const of = (column: string) => message(fixture('all.arrow'), column);
    expect(of('nulls')).toBe('a.arrow: column "nulls", row 1: expected a list of numbers, got null');
    expect(of('inner')).toBe('a.arrow: column "inner", row 1: expected a number as element 1, got null');
    expect(of('ragged')).toBe('a.arrow: column "ragged", row 1: expected 3 values, as the first row has, got 1');
    expect(of('empty')).toBe('a.arrow: column "empty", row 0: expected 1 to 4,096 values, got 0');
    expect(of('odd_bytes')).toBe('a.arrow: column "odd_bytes", row 0: expected float32, 4 bytes each, got 5 bytes');
  });

  it('refuses a batch that the footer lists twice, so that no file grows by being read', () => {
    const bytes = fixture('all.arrow');
    const view = new DataView(bytes.buffer);
    const end = bytes.length - 10;
    const footer = end - view.getInt32(end, true);
    const table = footer + view.getUint32(footer, true);
    const field = table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * 3, true); // its batches, 24 bytes each
    const batches = field + view.getUint32(field, true);
    expect(view.getUint32(batches, true)).toBe(2);
    const [first, second] = [batches + 4, batches + 28];
    const swapped = bytes.slice();
    swapped.set(bytes.subarray(first, first + 24), second);
    swapped.set(bytes.subarray(second, second + 24), first);
    expect(readArrow(swapped, arrow, { column: 'list' }).rows).toBe(7);
    bytes.copyWithin(second, first, first + 24);
    expect(message(bytes)).toMatch(/expected a message after those before it, from byte [\d,]+, got one at byte [\d,]+$/);
  });

  it('refuses compressed buffers, and says how to write others', () => {
    expect(message(fixture('lz4.feather'))).toMatch(
      /expected buffers as they are \(pandas and pyarrow: compression='uncompressed'\), got buffers compressed with LZ4$/,
    );
    expect(message(Uint8Array.from(Buffer.from('FEA1.......FEA1')))).toMatch(/got "FEA1", Feather V1: write it anew$/);
  });
});

for (const name of ['list.arrow', 'fixed.arrow', 'binary.arrow', 'stream.arrow']) {
  const bytes = fixture(name);
  withstandsDamage({
    name,
    bytes,
    read: (damaged) => readArrow(damaged, arrow, { name }),
    wholeAt: name === 'stream.arrow' ? [440, 688] : [], // after its first batch, and without the mark of its end
    memory: { perByte: 64, fixed: 65_536 },
    flips: [1, 2, 16, 128, 255],
    runs: 100,
  });
}
