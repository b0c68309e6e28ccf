import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectNpy, parseNpyCodes, parseNpyVectors, serializeNpyCodes, serializeNpyVectors } from '../ts/formats/npy.ts';
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

  it('refuses by name what it does not read: big-endian, Fortran order, float16, records', () => {
    const expected = 'byte 10: expected little-endian f4, f8 or u1';
    expect(message(fixture('be.npy'))).toBe(`a.npy: ${expected}, got big-endian ">f4"`);
    expect(message(fixture('f16.npy'))).toBe(`a.npy: ${expected}, got "<f2"`);
    expect(message(fixture('fortran.npy'))).toBe('a.npy: byte 10: expected rows one after the other (C order), got Fortran order');
    expect(message(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)))).toBe(
      `a.npy: ${expected}, got records`,
    );
  });

  it('reads float64, rounded, and uint8', () => {
    const doubles = new Uint8Array(Float64Array.of(0.1, 1e300, -2, 3).buffer);
    const read = parseNpyVectors(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", doubles), 'a.npy');
    expect(read).toEqual(matrix(Float32Array.of(0.1, Number.POSITIVE_INFINITY, -2, 3), 2));
    const bytes = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1), }", Uint8Array.of(0, 128, 255));
    expect(parseNpyVectors(bytes, 'a.npy')).toEqual(matrix(Float32Array.of(0, 128, 255), 1));
  });

  it('takes one dimension for one row, and no other number of dimensions', () => {
    const of = (shape: string, bytes: number) => npy(`{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`, new Uint8Array(bytes));
    expect(parseNpyVectors(of('(3,)', 3), 'a.npy')).toEqual(matrix(new Float32Array(3), 3));
    expect(parseNpyVectors(of('(0, 3)', 0), 'a.npy')).toEqual(matrix(new Float32Array(), 3));
    expect(message(of('()', 1))).toMatch(/got shape \[\]$/);
    expect(message(of('(1, 2, 3)', 6))).toMatch(/got shape \[1, 2, 3\]$/);
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
    expect(parseNpyCodes(bytes, 'c.npy')).toEqual({ data, rows: 2, stages: 3, start: 128 });
    expect(inspectNpy(bytes, 'c.npy')).toMatchObject({ type: type.slice(1), shape: [2, 3] });
  });

  it('refuses floats and one dimension', () => {
    expect(errorOf(() => parseNpyCodes(fixture('v1.npy'), 'c.npy')).message).toMatch(/expected little-endian u1 or u2, got "<f4"/);
    const flat = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", new Uint8Array(3));
    expect(errorOf(() => parseNpyCodes(flat, 'c.npy')).message).toMatch(/expected codes, \[rows, stages\], got shape \[3\]/);
  });
});
