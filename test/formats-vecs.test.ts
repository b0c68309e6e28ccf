import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIvecsIntegers, parseVecs, serializeVecs, type VecsKind } from '../ts/formats/vecs.ts';
import { matrix } from '../ts/model/matrix.ts';
import { errorOf, fixture, joinBytes } from './support/files.ts';

describe('.fvecs, .bvecs, .ivecs', () => {
  it('reads the golden files', () => {
    const floats = parseVecs(fixture('x.fvecs'), 'x.fvecs', 'fvecs');
    expect([floats.rows, floats.dim]).toEqual([4, 8]);
    expect(floats.data[0]).toBe(-0.37595728039741516);
    const bytes = parseVecs(fixture('x.bvecs'), 'x.bvecs', 'bvecs');
    expect(Array.from(bytes.data.subarray(0, 8))).toEqual([0x1d, 0x45, 0x08, 0xfe, 0xa6, 0x94, 0x6e, 0xe2]);
    const integers = parseVecs(fixture('x.ivecs'), 'x.ivecs', 'ivecs');
    expect(Array.from(integers.data)).toEqual([63, 33, 3, 88, 52, 8, 19, 95, 79, 17, 42, 33]);
  });

  it('reads .ivecs as integers, beyond what float32 holds', () => {
    expect(Array.from(parseIvecsIntegers(fixture('x.ivecs'), 'x.ivecs').data)).toEqual([63, 33, 3, 88, 52, 8, 19, 95, 79, 17, 42, 33]);
    const large = Uint8Array.from(new Uint8Array(Int32Array.of(2, 16777217, -2147483648).buffer));
    expect(parseIvecsIntegers(large, 'ids.ivecs')).toEqual({ data: Int32Array.of(16777217, -2147483648), rows: 1, width: 2 });
  });

  it.each<VecsKind>(['fvecs', 'bvecs', 'ivecs'])('writes the bytes of the golden .%s again', (kind) => {
    const name = `x.${kind}`;
    expect(joinBytes(serializeVecs(parseVecs(fixture(name), name, kind), kind))).toEqual(fixture(name));
  });

  it('reads what it wrote, bit for bit, also from bytes at an odd place', () => {
    const rows = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.float()), fc.nat({ max: 3 }), (rows, dim, numbers, shift) => {
        const vectors = matrix(
          Float32Array.from({ length: rows * dim }, () => Number(numbers.next().value)),
          dim,
        );
        const bytes = joinBytes(serializeVecs(vectors, 'fvecs'));
        const shifted = new Uint8Array(shift + bytes.length).subarray(shift);
        shifted.set(bytes);
        const read = parseVecs(shifted, 'x.fvecs', 'fvecs');
        expect(read).toEqual(vectors);
      }),
    );
  });

  it('gives large files in pieces', () => {
    const vectors = matrix(new Float32Array(3000 * 200).fill(7), 200);
    const pieces = [...serializeVecs(vectors, 'fvecs')];
    expect(pieces.length).toBeGreaterThan(1);
    const read = parseVecs(joinBytes(pieces), 'x.fvecs', 'fvecs');
    expect([read.rows, read.dim, read.data.every((value) => value === 7)]).toEqual([3000, 200, true]);
  });

  it('names the byte and what came', () => {
    const bytes = fixture('x.fvecs');
    expect(errorOf(() => parseVecs(bytes.subarray(0, 100), 'x.fvecs', 'fvecs'))).toEqual({
      code: 'BAD_FILE',
      message: 'x.fvecs: byte 72: expected a row of 36 bytes, got 28 bytes and the end of the file',
    });
    bytes[36] = 7;
    expect(errorOf(() => parseVecs(bytes, 'x.fvecs', 'fvecs')).message).toBe('x.fvecs: byte 36: expected dim 8, as in the first row, got dim 7');
    bytes[3] = 255;
    expect(errorOf(() => parseVecs(bytes, 'x.fvecs', 'fvecs')).message).toBe('x.fvecs: byte 0: expected a dim from 1 to 4,096, got -16777208');
    expect(errorOf(() => parseVecs(new Uint8Array(), 'x.fvecs', 'fvecs')).message).toMatch(/got an empty file$/);
    expect(errorOf(() => parseVecs(Uint8Array.of(1, 0), 'x.fvecs', 'fvecs')).message).toMatch(/got the end of the file after 2 bytes$/);
  });

  it('refuses values that the format cannot hold, before it gives a byte', () => {
    const write = (value: number, kind: VecsKind) => () =>
      serializeVecs(
        matrix([
          [0, 1],
          [2, value],
        ]),
        kind,
      );
    expect(errorOf(write(256, 'bvecs'))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'vectors: row 1, element 1: expected an integer from 0 to 255, as a .bvecs file holds, got 256',
    });
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(errorOf(write(value, 'bvecs')).code).toBe('INVALID_ARGUMENT');
    for (const value of [2 ** 31, -1.5]) expect(errorOf(write(value, 'ivecs')).code).toBe('INVALID_ARGUMENT');
    expect(errorOf(() => serializeVecs(matrix(new Float32Array(), 4), 'fvecs')).message).toMatch(/expected at least one row/);
  });
});
