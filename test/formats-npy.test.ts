import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCodesNpy } from '../ts/formats/codes.ts';
import { inspectNpy, npyRows, parseNpyVectors, serializeNpyCodes, serializeNpyVectors } from '../ts/formats/npy.ts';
import { npyHead } from '../ts/formats/npy-header.ts';
import { randomCodebook } from '../ts/model/codebook.ts';
import { matrix } from '../ts/model/matrix.ts';
import { errorOf, fixture, joinBytes } from './support/files.ts';

/** A version 1.0 file with this dictionary and so many bytes of data. */
function npy(dictionary: string, data: Uint8Array): Uint8Array {
  const header = `${dictionary}\n`;
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set(Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length & 255, header.length >> 8)}${header}`, 'latin1'));
  bytes.set(data, 10 + header.length);
  return bytes;
}

/** A few values of each type, the extremes among them, and how they are written. */
const NUMBERS: {
  type: string;
  bytes: number;
  values: (number | bigint)[];
  set: (view: DataView, at: number, value: number | bigint, little: boolean) => void;
}[] = [
  {
    type: 'f2',
    bytes: 2,
    values: [0, 1, -2, 65504, 2 ** -24, 1.5],
    set: (view, at, value, little) => view.setUint16(at, HALVES[Number(value)], little),
  },
  { type: 'f4', bytes: 4, values: [0, 1.5, -1e30], set: (view, at, value, little) => view.setFloat32(at, Number(value), little) },
  { type: 'f8', bytes: 8, values: [0, 0.1, -1e300], set: (view, at, value, little) => view.setFloat64(at, Number(value), little) },
  { type: 'i1', bytes: 1, values: [0, 127, -128], set: (view, at, value) => view.setInt8(at, Number(value)) },
  { type: 'u1', bytes: 1, values: [0, 127, 255], set: (view, at, value) => view.setUint8(at, Number(value)) },
  { type: 'i2', bytes: 2, values: [1, 32767, -32768], set: (view, at, value, little) => view.setInt16(at, Number(value), little) },
  { type: 'u2', bytes: 2, values: [1, 32767, 65535], set: (view, at, value, little) => view.setUint16(at, Number(value), little) },
  { type: 'i4', bytes: 4, values: [1, 16777217, -(2 ** 31)], set: (view, at, value, little) => view.setInt32(at, Number(value), little) },
  { type: 'u4', bytes: 4, values: [1, 16777217, 2 ** 32 - 1], set: (view, at, value, little) => view.setUint32(at, Number(value), little) },
  { type: 'i8', bytes: 8, values: [1n, -(2n ** 63n), -1n, 2n ** 40n], set: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little) },
  { type: 'u8', bytes: 8, values: [1n, 2n ** 64n - 1n, 2n ** 40n], set: (view, at, value, little) => view.setBigUint64(at, BigInt(value), little) },
];

const HALVES: Record<number, number> = { 0: 0, 1: 0x3c00, [-2]: 0xc000, 65504: 0x7bff, [2 ** -24]: 1, 1.5: 0x3e00 };

function message(bytes: Uint8Array): string {
  return errorOf(() => parseNpyVectors(bytes, 'a.npy')).message;
}

describe('.npy vectors', () => {
  it('reads the same array from versions 1, 2 and 3', () => {
    const first = parseNpyVectors(fixture('v1.npy'), 'v1.npy');
    expect([first.rows, first.dim]).toEqual([5, 3]);
    expect(first.data[0]).toBeCloseTo(0.97404736, 7);
    expect(first.data[14]).toBeCloseTo(0.7324982, 6);
    for (const name of ['v2.npy', 'v3.npy']) expect(parseNpyVectors(fixture(name), name)).toEqual(first);
  });

  it('writes the bytes that NumPy wrote', () => {
    expect(joinBytes(serializeNpyVectors(parseNpyVectors(fixture('v1.npy'), 'v1.npy')))).toEqual(fixture('v1.npy'));
  });

  it('reads the same array big-endian, in Fortran order and as float16', () => {
    const first = parseNpyVectors(fixture('v1.npy'), 'v1.npy');
    for (const name of ['be.npy', 'fortran.npy']) expect(parseNpyVectors(fixture(name), name)).toEqual(first);
    const half = parseNpyVectors(fixture('f16.npy'), 'f16.npy');
    expect([half.rows, half.dim]).toEqual([5, 3]);
    for (const [i, value] of first.data.entries()) expect(Math.abs(half.data[i] - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
  });

  it.each(NUMBERS)('reads $type in either byte order', ({ type, bytes, values, set }) => {
    for (const littleEndian of [true, false]) {
      const data = new Uint8Array(bytes * values.length);
      for (const [i, value] of values.entries()) set(new DataView(data.buffer), bytes * i, value, littleEndian);
      const order = bytes === 1 ? '|' : littleEndian ? '<' : '>';
      const read = parseNpyVectors(npy(`{'descr': '${order}${type}', 'fortran_order': False, 'shape': (${values.length},), }`, data), 'a.npy');
      expect(read).toEqual(matrix(Float32Array.from(values, Number), values.length));
    }
  });

  it('rounds 64-bit integers once, not first to float64 and then to float32', () => {
    const above = 2n ** 62n + 2n ** 38n + 1n; // just above halfway between two float32, and exactly halfway as float64
    const longs = BigInt64Array.of(above, -above, 2n ** 62n + 2n ** 38n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n - 1n, -1n);
    const read = parseNpyVectors(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (7,), }", new Uint8Array(longs.buffer)), 'a.npy');
    const up = 2 ** 62 + 2 ** 39;
    expect(Array.from(read.data)).toEqual([up, -up, 2 ** 62, 2 ** 63, -(2 ** 63), 2 ** 53, -1]);
  });

  it('flattens three dimensions to rows, in either order', () => {
    const of = (order: string, values: number[]) =>
      parseNpyVectors(npy(`{'descr': '|u1', 'fortran_order': ${order}, 'shape': (2, 3, 2), }`, Uint8Array.from(values)), 'a.npy');
    const counted = matrix(
      Float32Array.from({ length: 12 }, (_, i) => i),
      2,
    );
    expect(of('False', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).toEqual(counted);
    expect(of('True', [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])).toEqual(counted); // numpy.arange(12).reshape(2, 3, 2).ravel('F')
  });

  it('gives the rows of a file in C order part by part, from its header and its size', () => {
    const file = fixture('v1.npy');
    const head = file.subarray(0, npyHead(file.subarray(0, 12), 'v1.npy', file.length));
    const rows = npyRows(head, file.length, 'v1.npy');
    expect(rows).toMatchObject({ rows: 5, dim: 3, start: 128, rowBytes: 12 });
    const all = parseNpyVectors(file, 'v1.npy').data;
    expect(rows?.read(file.subarray(128 + 24, 128 + 48), 2)).toEqual(all.slice(6, 12));
    const fortran = fixture('fortran.npy');
    expect(npyRows(fortran, fortran.length, 'fortran.npy')).toBeUndefined();
  });

  it('refuses by name what are no numbers', () => {
    const expected = 'a.npy: byte 10: expected f2, f4, f8 or integers, i1 to u8';
    const of = (descr: string, bytes: number) => message(npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }`, new Uint8Array(bytes)));
    expect(of("[('x', '<f4')]", 4)).toBe(`${expected}, got records`);
    expect(of("'<c8'", 8)).toBe(`${expected}, got "<c8" (complex numbers)`);
    expect(of("'|b1'", 1)).toBe(`${expected}, got "|b1" (booleans)`);
    expect(of("'|O'", 8)).toBe(`${expected}, got "|O" (Python objects)`);
    expect(of("'<U3'", 12)).toBe(`${expected}, got "<U3" (text)`);
    expect(of("'<f16'", 16)).toBe(`${expected}, got "<f16" (floats)`);
    for (const descr of ["'f4'", "'=f4'", "''", "'<bf2'", "'<toString'"])
      expect(of(descr, 4)).toContain(`${expected}, got ${descr.replaceAll("'", '"')}`);
  });

  it('rounds float64, and reads uint8', () => {
    const doubles = new Uint8Array(Float64Array.of(0.1, 1e300, -2, 3).buffer);
    const read = parseNpyVectors(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", doubles), 'a.npy');
    expect(read).toEqual(matrix(Float32Array.of(0.1, Number.POSITIVE_INFINITY, -2, 3), 2));
    const bytes = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1), }", Uint8Array.of(0, 128, 255));
    expect(parseNpyVectors(bytes, 'a.npy')).toEqual(matrix(Float32Array.of(0, 128, 255), 1));
  });

  it('takes one dimension for one row, and three at most', () => {
    const of = (shape: string, bytes: number) => npy(`{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`, new Uint8Array(bytes));
    expect(parseNpyVectors(of('(3,)', 3), 'a.npy')).toEqual(matrix(new Float32Array(3), 3));
    expect(parseNpyVectors(of('(0, 3)', 0), 'a.npy')).toEqual(matrix(new Float32Array(), 3));
    expect(message(of('()', 1))).toMatch(/got shape \[\]$/);
    expect(message(of('(1, 2, 3, 1)', 6))).toMatch(/expected vectors, \[rows, dim\], of one to three dimensions, got shape \[1, 2, 3, 1\]$/);
    expect(message(of('(2, 0)', 0))).toMatch(/expected rows of 1 to 4,096 values, got shape \[2, 0\]$/);
    expect(message(of('(1, 4097)', 4097))).toMatch(/expected rows of 1 to 4,096 values/);
  });

  it('takes the entries in any order and with either quotes', () => {
    const bytes = npy(`{ "shape":(1,2L,) , "fortran_order" : False,'descr':'<f4' }   `, new Uint8Array(8));
    expect(parseNpyVectors(bytes, 'a.npy')).toEqual(matrix(new Float32Array(2), 2));
  });

  it('refuses headers that are none, and says at which byte', () => {
    expect(message(npy("{'descr': '<f4', 'shape': (1, 1), }", new Uint8Array(4)))).toMatch(/byte 10: expected 'descr', 'fortran_order' and 'shape'/);
    expect(message(npy("{'descr': '<f4', 'order': False}", new Uint8Array(4)))).toMatch(/got key "order"$/);
    expect(message(npy("{'shape': (1.5,)}", new Uint8Array(4)))).toMatch(/byte 19: expected a shape such as/);
    expect(message(npy("{'shape': (1 2,)}", new Uint8Array(4)))).toMatch(/expected a shape such as/);
    expect(message(npy("{'shape': (99999999, 99999999)}", new Uint8Array(4)))).toMatch(/expected a shape such as/);
    expect(message(npy("{'fortran_order': 0}", new Uint8Array(4)))).toMatch(/expected True or False/);
    expect(message(npy('import os', new Uint8Array(4)))).toMatch(/byte 10: expected "\{", got "import os/);
    expect(message(Uint8Array.from(Buffer.from('PK\x03\x04 a zip file')))).toMatch(/byte 0: expected "\\x93NUMPY"/);
    const version = fixture('v1.npy');
    version[6] = 4;
    expect(message(version)).toMatch(/byte 6: expected version 1.0, 2.0 or 3.0, got version 4.0/);
  });

  it('compares the size of the file with the shape before it allocates', () => {
    const promised = "{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000, 4096), }";
    expect(message(npy(promised, new Uint8Array(16)))).toMatch(
      /expected 65,536,000,000,000 bytes for f8 of shape \[2000000000, 4096\], got 16 bytes/,
    );
    const longer = Uint8Array.from([...fixture('v1.npy'), 0]);
    expect(message(longer)).toMatch(/byte 128: expected 60 bytes for f4 of shape \[5, 3\], got 61 bytes/);
  });

  it('reads what it wrote, bit for bit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.float()), (rows, dim, numbers) => {
        const vectors = matrix(
          Float32Array.from({ length: rows * dim }, () => Number(numbers.next().value)),
          dim,
        );
        expect(parseNpyVectors(joinBytes(serializeNpyVectors(vectors)), 'a.npy')).toEqual(vectors);
      }),
    );
  });
});

describe('.npy codes', () => {
  it.each([
    ['|u1', Uint8Array.of(0, 255, 3, 4, 5, 6)],
    ['<u2', Uint16Array.of(0, 256, 65535, 4, 5, 6)],
  ])('are rows x stages of %s', (type, data) => {
    const bytes = joinBytes(serializeNpyCodes({ data, rows: 2, stages: 3 }));
    expect(Buffer.from(bytes).toString('latin1')).toContain(`{'descr': '${type}', 'fortran_order': False, 'shape': (2, 3), }`);
    const book = randomCodebook({ dim: 1, stages: 3, codewords: type === '|u1' ? 256 : 65536, seed: 1 });
    expect(parseCodesNpy(bytes, 'c.npy', book)).toEqual({ data, rows: 2, stages: 3, codebookId: book.id });
    expect(inspectNpy(bytes, 'c.npy')).toMatchObject({ type: type.slice(1), shape: [2, 3], rows: 2, width: 3 });
  });

  const book = randomCodebook({ dim: 1, stages: 3, codewords: [2, 300, 5], seed: 1 });
  const longs = (values: bigint[], shape: string, order = 'False') =>
    npy(`{'descr': '<i8', 'fortran_order': ${order}, 'shape': ${shape}, }`, new Uint8Array(BigInt64Array.from(values).buffer));

  it('are integers of any type, in either order, of two or three dimensions', () => {
    const expected = { data: Uint16Array.of(0, 299, 4, 1, 0, 3), rows: 2, stages: 3, codebookId: book.id };
    expect(parseCodesNpy(longs([0n, 299n, 4n, 1n, 0n, 3n], '(2, 3)'), 'c.npy', book)).toEqual(expected);
    expect(parseCodesNpy(longs([0n, 1n, 299n, 0n, 4n, 3n], '(2, 3)', 'True'), 'c.npy', book)).toEqual(expected);
    expect(parseCodesNpy(longs([0n, 299n, 4n, 1n, 0n, 3n], '(1, 2, 3)'), 'c.npy', book)).toEqual(expected);
  });

  it('are refused where the stage has no such codeword, with the byte', () => {
    const refusal = (values: bigint[], order?: string) => errorOf(() => parseCodesNpy(longs(values, '(2, 3)', order), 'c.npy', book)).message;
    const start = longs([], '(0, 3)').length;
    expect(refusal([0n, 299n, 4n, 1n, 300n, 3n])).toBe(`c.npy: byte ${start + 32}: expected a codeword below 300 at row 1, stage 1, got 300`);
    expect(refusal([0n, 1n, 299n, 300n, 4n, 3n], 'True')).toMatch(new RegExp(`byte ${start + 23}: .* at row 1, stage 1, got 300$`));
    expect(refusal([0n, -1n, 4n, 1n, 0n, 3n])).toMatch(/expected a codeword below 300 at row 0, stage 1, got -1$/);
  });

  it('refuses floats, one dimension, and the wrong number of stages', () => {
    const refusal = (bytes: Uint8Array) => errorOf(() => parseCodesNpy(bytes, 'c.npy', book)).message;
    expect(refusal(fixture('v1.npy'))).toBe('c.npy: byte 10: expected integers, i1 to u8, got "<f4"');
    expect(refusal(longs([1n, 2n, 3n], '(3,)'))).toMatch(/expected codes, \[rows, stages\], got shape \[3\]/);
    expect(refusal(longs([1n, 2n], '(1, 2)'))).toBe('c.npy: shape: expected 3 stages, as the codebook has, got [1, 2]');
  });
});
