// Which column of a table is read as vectors.
import { describe, expect, it } from 'vitest';
import { chooseColumn } from '../ts/formats/column.ts';

describe('the column of vectors', () => {
  const columns = [
    { name: 'id', vectors: false },
    { name: 'v', vectors: true },
    { name: 'w', vectors: true },
    { name: 'w', vectors: true },
  ];

  it('is the one that is named, or the only one that may be', () => {
    expect(chooseColumn('t', 'v', columns)).toBe('v');
    expect(chooseColumn('t', undefined, columns.slice(0, 2))).toBe('v');
  });

  it('is not one of several of the same name, nor another', () => {
    expect(() => chooseColumn('t', 'w', columns)).toThrow('expected one column "w", got 2 of that name');
    expect(() => chooseColumn('t', undefined, columns)).toThrow(/expected one column of lists of numbers/);
    expect(() => chooseColumn('t', 'id', columns)).toThrow(/column "id", of lists of numbers/);
  });
});
