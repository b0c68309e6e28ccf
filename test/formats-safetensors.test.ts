import { describe, expect, it } from 'vitest';
import { parseSafetensors, serializeSafetensors } from '../ts/formats/safetensors.ts';
import { parseVectors, serializeVectors } from '../ts/formats/vectors.ts';
import { matrix } from '../ts/model/matrix.ts';
import { errorOf, fixture, joinBytes } from './support/files.ts';

/** A file of this header, as text or as an object, and so many bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = Buffer.alloc(8 + text.length + dataBytes);
  bytes.writeBigUInt64LE(BigInt(text.length));
  text.copy(bytes, 8);
  return Uint8Array.from(bytes);
}

function message(bytes: Uint8Array): string {
  const { code, message } = errorOf(() => parseSafetensors(bytes, 'a.safetensors'));
  expect(code).toBe('BAD_FILE');
  return message;
}

const floats = (rows: number, dim: number, start = 0) => ({ dtype: 'F32', shape: [rows, dim], data_offsets: [start, start + 4 * rows * dim] });

describe('.safetensors', () => {
  it('reads what the safetensors library wrote', () => {
    const { tensors, metadata } = parseSafetensors(fixture('mixed.safetensors'), 'mixed.safetensors');
    const found = tensors.map(({ name, type, shape }) => [name, type, shape]).sort();
    expect(found).toEqual([
      ['a.weight', 'F32', [2, 3]],
      ['b.weight', 'F32', [4, 3]],
      ['bias', 'F32', [3]],
      ['empty', 'F32', [0, 7]],
      ['half', 'F16', [4, 3]],
      ['ids', 'I64', [5]],
    ]);
    expect([...metadata]).toEqual([['format', 'np']]);
  });

  it('writes the same bytes for the same input, data at a multiple of 8', () => {
    const tensors = [{ name: 'x', type: 'U8' as const, shape: [3], data: Uint8Array.of(1, 2, 3) }];
    const bytes = joinBytes(serializeSafetensors(tensors, { a: 'ä' }));
    expect(joinBytes(serializeSafetensors(tensors, { a: 'ä' }))).toEqual(bytes);
    expect(Buffer.from(bytes.subarray(8, -3)).toString().trimEnd()).toBe(
      '{"__metadata__":{"a":"ä"},"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}',
    );
    expect((bytes.length - 3) % 8).toBe(0);
    expect(parseSafetensors(bytes, 'x').metadata.get('a')).toBe('ä');
  });

  it('refuses headers longer than the file or than the format allows, before it reads them', () => {
    expect(message(new Uint8Array(7))).toMatch(/byte 0: expected the 8-byte length of a header, got a file of 7 bytes/);
    expect(message(Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123))).toMatch(
      /byte 8: expected a header of 200 bytes, got 1 byte to the end of the file/,
    );
    expect(message(new Uint8Array(16).fill(255))).toMatch(/byte 0: expected the length of a header, at most 100,000,000/);
  });

  it('refuses headers that are not a JSON object', () => {
    for (const text of ['', '[]', 'null', '7', '{"a"', ' {}', '\ufeff{}'])
      expect(message(file(text))).toMatch(/byte 8: expected a header that is a JSON object/);
    const notUtf8 = file('{"\xff": 1}');
    notUtf8[10] = 0xff;
    expect(message(notUtf8)).toMatch(/got other text/);
    expect(message(file(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))).toMatch(/tensor "a": expected a dtype/);
  });

  it('refuses tensors that overlap, leave a gap, or do not end with the file', () => {
    expect(message(file({ a: floats(1, 2), b: floats(1, 2, 4) }, 12))).toMatch(/expected tensor "b" at byte \d+, got two tensors that overlap/);
    expect(message(file({ a: floats(1, 2), b: floats(1, 2, 12) }, 20))).toMatch(/expected tensor "b" at byte \d+, got a gap/);
    expect(message(file({ a: floats(1, 2) }, 9))).toMatch(/expected the end of the file after the last tensor, got 1 more byte/);
    expect(message(file({ a: floats(1, 2) }, 7))).toMatch(/tensor "a": expected data that ends within the file's \d+ bytes/);
    expect(message(file({}, 1))).toMatch(/got 1 more byte/);
  });

  it('refuses tensors whose size is not that of their dtype and shape', () => {
    const tensor = (change: object) => message(file({ a: { ...floats(1, 2), ...change } }, 8));
    expect(tensor({ shape: [1, 3] })).toMatch(/tensor "a": expected 12 bytes for F32 of shape \[1, 3\], got 8/);
    expect(tensor({ dtype: 'F64' })).toMatch(/expected 16 bytes for F64/);
    expect(tensor({ dtype: 'toString' })).toMatch(/expected a dtype such as "F32", got "toString"/);
    for (const shape of [[-1, 2], [1.5, 2], ['1', 2], 'x', [2 ** 60, 2 ** 60], { length: 2 }]) expect(tensor({ shape })).toMatch(/expected a shape/);
    for (const offsets of [[0], [8, 0], [0, 8, 8], [0, 1e300], [-4, 4]]) expect(tensor({ data_offsets: offsets })).toMatch(/expected data_offsets/);
    expect(message(file({ a: null }))).toMatch(/expected \{ dtype, shape, data_offsets \}, got null/);
  });

  it('refuses metadata that are not strings', () => {
    expect(message(file({ __metadata__: { a: 1 } }))).toMatch(/__metadata__ "a": expected a string, got 1/);
    expect(message(file({ __metadata__: [] }))).toMatch(/__metadata__: expected an object of strings/);
  });

  it('takes a name such as __proto__ for a name', () => {
    const bytes = file(`{"__proto__":${JSON.stringify(floats(1, 2))}}`, 8);
    expect(parseSafetensors(bytes, 'a').tensors[0].name).toBe('__proto__');
  });
});

describe('vectors in .safetensors', () => {
  it('are the one tensor of floats of two dimensions, or the one that is named, of any numbers', () => {
    const vectors = matrix([[1, 2.5, -3]]);
    expect(parseVectors(joinBytes(serializeVectors(vectors, 'safetensors')), 'v.safetensors')).toEqual(vectors);
    const read = (tensor?: string) => parseVectors(fixture('mixed.safetensors'), 'm.safetensors', { tensor });
    expect(Array.from(read('b.weight').data)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(read('bias')).toEqual(matrix([[0, 1, 2]]));
    expect(read('empty')).toEqual(matrix(new Float32Array(), 7));
    expect(errorOf(() => read()).message).toMatch(/expected one tensor of floats of two dimensions, or the name of the one to read, got "\w/);
    expect(read('half')).toEqual(read('b.weight'));
    expect(read('ids')).toEqual(matrix([[0, 1, 2, 3, 4]]));
    expect(errorOf(() => read('none')).message).toMatch(/expected tensor "none", got "/);
    expect(errorOf(() => parseVectors(fixture('x.fvecs'), 'x.fvecs', { tensor: 'a' }))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('are not a codebook, unless its tensor is named', () => {
    const book = fixture('resaved.safetensors');
    expect(errorOf(() => parseVectors(book, 'b.safetensors')).message).toMatch(
      /expected a file of vectors, or the name of a tensor, got "residual-vq codebook"/,
    );
    expect(parseVectors(book, 'b.safetensors', { tensor: 'stage.10' })).toMatchObject({ rows: 14, dim: 3 });
  });

  it('are refused where no tensor can be vectors', () => {
    const integers = file({ a: { dtype: 'I32', shape: [1, 2], data_offsets: [0, 8] } }, 8);
    expect(errorOf(() => parseVectors(integers, 'i.safetensors')).message).toMatch(
      /expected a tensor of floats of two dimensions, got "a" I32 \[1, 2\]/,
    );
  });
});
