import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { npyHeader, parseNpyVectors, serializeNpyVectors } from '../ts/formats/npy.ts';
import { inspectNpz } from '../ts/formats/npz.ts';
import { parseVectors } from '../ts/formats/vectors.ts';
import { readZip, unzip } from '../ts/formats/zip.ts';
import { matrix } from '../ts/model/matrix.ts';
import { withstandsDamage } from './support/damage.ts';
import { errorOf, fixture, joinBytes } from './support/files.ts';

const first = parseNpyVectors(fixture('v1.npy'), 'v1.npy');

function message(bytes: Uint8Array, array?: string): string {
  const { code, message } = errorOf(() => parseVectors(bytes, 'a.npz', { array }));
  expect(code).toBe('BAD_FILE');
  return message;
}

describe('.npz', () => {
  it('gives the array that is named, from what numpy.savez stored', () => {
    const stored = fixture('stored.npz');
    expect(parseVectors(stored, 'stored.npz', { array: 'a' })).toEqual(first);
    expect(parseVectors(stored, 'stored.npz', { array: 'counts' })).toEqual(
      matrix(
        Float32Array.from({ length: 12 }, (_, i) => i),
        2,
      ),
    );
  });

  it('gives the only array, from what numpy.savez_compressed deflated', () => {
    const read = parseVectors(fixture('deflated.npz'), 'deflated.npz');
    expect([read.rows, read.dim]).toEqual([40, 3]);
    for (let i = 0; i < 8; i++) expect(read.data.slice(15 * i, 15 * i + 15)).toEqual(first.data);
    expect(parseVectors(fixture('deflated.npz'), 'deflated.npz', { array: 'arr_0' })).toEqual(read);
  });

  it('tells of the arrays where it is not clear which one is meant', () => {
    expect(message(fixture('stored.npz'))).toBe('a.npz: arrays: expected one array, or the name of the one to read, got "a", "counts", "text"');
    expect(message(fixture('stored.npz'), 'b')).toBe('a.npz: arrays: expected array "b", got "a", "counts", "text"');
    expect(message(zipSync({ 'readme.txt': new Uint8Array(3) }))).toMatch(/expected one array, or the name of the one to read, got none$/);
  });

  it('names the array whose bytes are wrong', () => {
    expect(message(fixture('stored.npz'), 'text')).toMatch(
      /^a\.npz\/text\.npy: byte 10: expected f2, f4, f8 or integers, i1 to u8, got "<U1" \(text\)$/,
    );
  });

  it('finds wrong data by their CRC-32', () => {
    const changed = fixture('stored.npz');
    const [{ start, size }] = readZip(changed, 'a.npz');
    changed[start + size - 1] ^= 1;
    expect(message(changed, 'a')).toMatch(/^a\.npz: byte \d+: expected data of "a\.npy" with CRC-32 [0-9a-f]{8}, got [0-9a-f]{8}$/);
  });

  it('refuses entries that lie over each other, so that no file grows by being read', () => {
    const file = zipSync({ 'a.npy': new Uint8Array(100), 'b.npy': new Uint8Array(100) }, { level: 0 });
    const directory = file.length - 22 - 2 * (46 + 5);
    const view = new DataView(file.buffer);
    view.setUint32(directory + 51 + 42, 0, true); // the second entry begins where the first does
    expect(message(file)).toMatch(/expected the header of "b\.npy", got one of "a\.npy"$/);
    file[directory + 51 + 46] = 'a'.charCodeAt(0);
    expect(message(file)).toMatch(/expected the data of "a\.npy" after those before it, got two entries that overlap$/);
  });

  it('refuses sizes that so few bytes cannot have, before it takes memory for them', () => {
    const file = zipSync({ 'a.npy': new Uint8Array(1000) });
    const directory = file.length - 22 - (46 + 5);
    new DataView(file.buffer).setUint32(directory + 24, 0x7fffffff, true);
    expect(message(file)).toMatch(/expected a size of "a\.npy" that \d+ bytes can have, got 2,147,483,647$/);
  });

  it('refuses what NumPy does not read either: encrypted entries, other methods', () => {
    const file = zipSync({ 'a.npy': new Uint8Array(8) }, { level: 0 });
    const directory = file.length - 22 - (46 + 5);
    const set = (at: number, value: number) => Uint8Array.from(file, (byte, i) => (i === directory + at ? value : byte));
    expect(message(set(8, 1))).toMatch(/expected "a\.npy" as it is, got encrypted data$/);
    expect(message(set(10, 12))).toMatch(/expected "a\.npy" stored \(0\) or deflated \(8\), got method 12$/);
  });

  it('reads what another zip program wrote, stored or deflated', () => {
    const levels = fc.constantFrom(0 as const, 1 as const, 9 as const);
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 2000 }), levels, (values, level) => {
        const vectors = matrix([values.map(Math.fround)]);
        const file = zipSync({ 'x.npy': joinBytes(serializeNpyVectors(vectors)), 'notes.txt': new Uint8Array(2) }, { level });
        expect(parseVectors(file, 'x.npz')).toEqual(vectors);
      }),
    );
  });

  it('tells what every array is', () => {
    const arrays = inspectNpz(fixture('deflated.npz'), 'deflated.npz');
    expect([...arrays]).toMatchObject([['arr_0', { type: 'f4', shape: [40, 3] }]]);
    expect([...inspectNpz(fixture('stored.npz'), 's.npz')].map(([name, info]) => [name, info === 'other'])).toEqual([
      ['a', false],
      ['counts', false],
      ['text', true],
    ]);
  });

  it('tells of arrays that are no vectors, and refuses damaged ones', () => {
    const npy = (descr: string, shape: number[], bytes: number) => Uint8Array.of(...npyHeader(descr, shape), ...new Uint8Array(bytes));
    const infoOf = (array: Uint8Array) => inspectNpz(zipSync({ 'x.npy': array }), 'a.npz').get('x');
    for (const descr of ['<U3', '|S5', '|b1', '<c8', '<M8[ns]', '|O', '|V2', '<f16']) expect(infoOf(npy(descr, [2], 9)), descr).toBe('other');
    for (const shape of [[], [1, 1, 1, 1]]) expect(infoOf(npy('<f4', shape, 4)), String(shape)).toBe('other');
    expect(infoOf(npy('<f4', [2, 0], 0))).toBe('other');
    const refused = (array: Uint8Array) => errorOf(() => infoOf(array)).message;
    expect(refused(npy('<f4', [2], 7))).toMatch(/^a\.npz\/x\.npy: byte \d+: expected 8 bytes for f4 of shape \[2\], got 7 bytes/);
    expect(refused(npy('<q9', [2], 8))).toMatch(/^a\.npz\/x\.npy: byte 10: expected f2, f4, f8 or integers, i1 to u8, got "<q9"$/);
    expect(refused(new Uint8Array(20))).toMatch(/^a\.npz\/x\.npy: byte 0: expected "\\x93NUMPY"/);
  });

  it('inflates the same bytes as it stores', () => {
    const text = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >> 8);
    const [entry] = readZip(zipSync({ t: text }), 'a.npz');
    expect(unzip(zipSync({ t: text }), entry, 'a.npz')).toEqual(text);
  });
});

withstandsDamage({
  name: 'stored.npz',
  bytes: zipSync({ 'x.npy': joinBytes(serializeNpyVectors(matrix([[1, 2, 3]]))) }, { level: 0 }),
  read: (bytes) => parseVectors(bytes, 'stored.npz'),
  checked: true,
});
withstandsDamage({
  name: 'deflated.npz',
  bytes: fixture('deflated.npz'),
  read: (bytes) => parseVectors(bytes, 'deflated.npz'),
  checked: true,
  memory: { perByte: 1100, fixed: 65_536 },
});
