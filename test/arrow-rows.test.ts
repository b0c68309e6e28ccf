import { describe, expect, it } from 'vitest';
import { rowsOfData, TYPE } from '../ts/formats/arrow-rows.ts';

describe('rows of a column of Arrow', () => {
  it('refuses a length that the buffers cannot hold at once, without counting to it', () => {
    const target = { name: 'rows', column: 'e', dim: 4, like: 'codebook', rows: 0 } as const;
    const type = { typeId: TYPE.fixedBinary, byteWidth: 16 };
    const data = { type, length: 2 ** 50, nullCount: 0, values: new Uint8Array(16), children: [] };
    expect(() => rowsOfData(target, data)).toThrow(/1,125,899,906,842,624 rows of 16, got 16 values/);
  });
});
