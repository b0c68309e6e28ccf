import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCodes, parseCodesNpy, serializeCodes } from '../ts/formats/codes.ts';
import { serializeNpyCodes } from '../ts/formats/npy.ts';
import { parseSafetensors, serializeSafetensors, type TensorData } from '../ts/formats/safetensors.ts';
import { type Codebook, codebook, sum } from '../ts/model/codebook.ts';
import type { Codes } from '../ts/model/codes.ts';
import { errorOf, joinBytes } from './support/files.ts';

/** A codebook of dim 1: files of codes look at nothing else of it. */
function shaped(codewords: number[]): Codebook {
  return codebook(new Float32Array(sum(codewords)), { dim: 1, codewords });
}

function codesOf(book: Codebook, values: number[]): Codes {
  const data = Math.max(...book.codewords) > 256 ? Uint16Array.from(values) : Uint8Array.from(values);
  return { data, rows: values.length / book.codewords.length, stages: book.codewords.length, codebookId: book.id };
}

const narrow = shaped([256, 5]);
const wide = shaped([8, 32, 512, 4096]);
const narrowCodes = codesOf(narrow, [255, 4, 0, 0, 7, 3]);
const wideCodes = codesOf(wide, [5, 17, 300, 2748]);

function refusal(bytes: Uint8Array, book?: Codebook): string {
  const { code, message } = errorOf(() => parseCodes(bytes, 'c.safetensors', book));
  expect(code).toBe('BAD_FILE');
  return message;
}

describe('codes in a file', () => {
  it('come back for any codebook, plain, packed and as .npy', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(256, 257)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.nat({ max: 5 }), fc.infiniteStream(fc.nat()), (codewords, rows, numbers) => {
        const book = shaped([...codewords, 2]);
        const stages = book.codewords.length;
        const codes = codesOf(
          book,
          Array.from({ length: rows * stages }, (_, i) => Number(numbers.next().value) % book.codewords[i % stages]),
        );
        const plain = joinBytes(serializeCodes(codes, book));
        expect(parseCodes(plain, 'c.safetensors')).toEqual(codes);
        expect(parseCodes(plain, 'c.safetensors', book)).toEqual(codes);
        expect(parseCodes(joinBytes(serializeCodes(codes, book, { packed: true })), 'c.safetensors', book)).toEqual(codes);
        expect(parseCodesNpy(joinBytes(serializeNpyCodes(codes)), 'c.npy', book)).toEqual(codes);
      }),
    );
  });

  it('are laid out as docs/format.md says', () => {
    const plain = parseSafetensors(joinBytes(serializeCodes(wideCodes, wide)), 'c');
    expect(Object.fromEntries(plain.metadata)).toEqual({
      format: 'residual-vq codes',
      version: '1',
      codebook: wide.id,
      codewords: '8,32,512,4096',
      layout: 'plain',
    });
    expect(plain.tensors).toMatchObject([{ name: 'codes', type: 'U16', shape: [1, 4] }]);
    const bytes = joinBytes(serializeCodes(wideCodes, wide, { packed: true }));
    const packed = parseSafetensors(bytes, 'c');
    expect(packed.metadata.get('layout')).toBe('packed');
    expect(packed.tensors).toMatchObject([{ name: 'codes', type: 'U8', shape: [1, 4] }]);
    expect(Buffer.from(bytes.subarray(-4)).toString('hex')).toBe('8d2c7915');
  });

  it('take one byte each where the codebook allows, whatever array they came in', () => {
    const inShorts = { ...narrowCodes, data: Uint16Array.from(narrowCodes.data) };
    expect(joinBytes(serializeCodes(inShorts, narrow))).toEqual(joinBytes(serializeCodes(narrowCodes, narrow)));
    expect(parseCodesNpy(joinBytes(serializeNpyCodes(inShorts)), 'c.npy', narrow)).toEqual(narrowCodes);
    const small = codesOf(shaped([300]), [7]);
    expect(parseCodesNpy(joinBytes(serializeNpyCodes({ ...small, data: Uint8Array.of(7) })), 'c.npy', shaped([300]))).toEqual(small);
  });

  it('are refused with another codebook, by id', () => {
    const other = shaped([256, 5, 2]);
    const read = errorOf(() => parseCodes(joinBytes(serializeCodes(narrowCodes, narrow)), 'c.safetensors', other));
    expect(read).toEqual({
      code: 'CODEBOOK_MISMATCH',
      message: `c.safetensors: made with codebook ${narrow.id}, not with the one given, ${other.id}`,
    });
  });

  it('are refused where one exceeds its stage, with byte, row and stage', () => {
    const bytes = joinBytes(serializeCodes(narrowCodes, narrow));
    bytes[bytes.length - 1] = 5;
    expect(refusal(bytes)).toBe(`c.safetensors: byte ${bytes.length - 1}: expected a codeword below 5 at row 2, stage 1, got 5`);
    const npy = joinBytes(serializeNpyCodes({ ...wideCodes, data: Uint16Array.of(0, 0, 512, 0) }));
    expect(errorOf(() => parseCodesNpy(npy, 'c.npy', wide)).message).toBe(
      'c.npy: byte 132: expected a codeword below 512 at row 0, stage 2, got 512',
    );
    const three = shaped([3]);
    const packed = joinBytes(serializeCodes(codesOf(three, [2]), three, { packed: true }));
    packed[packed.length - 1] = 3;
    expect(refusal(packed, three)).toMatch(/^c.safetensors: byte \d+: expected a codeword below 3 at row 0, stage 0, got 3$/);
  });

  it('are read without their codebook, packed too, but in a .npy its number of stages is asked for', () => {
    const packed = joinBytes(serializeCodes(narrowCodes, narrow, { packed: true }));
    expect(parseCodes(packed, 'c.safetensors')).toEqual(narrowCodes);
    const npy = joinBytes(serializeNpyCodes(narrowCodes));
    expect(errorOf(() => parseCodesNpy(npy, 'c.npy', wide)).message).toMatch(/shape: expected 4 stages, as the codebook has, got \[3, 2\]/);
  });

  it('are refused where metadata and tensor do not fit each other', () => {
    const metadata = { format: 'residual-vq codes', version: '1', codebook: narrow.id, codewords: '256,5', layout: 'plain' };
    const tensor: TensorData = { name: 'codes', type: 'U8', shape: [3, 2], data: Uint8Array.from(narrowCodes.data) };
    const file = (changes: Record<string, string>, tensors = [tensor]) => joinBytes(serializeSafetensors(tensors, { ...metadata, ...changes }));
    expect(parseCodes(file({}), 'c.safetensors')).toEqual(narrowCodes);
    expect(refusal(file({ version: '12' }))).toMatch(/a newer residual-vq wrote it/);
    expect(refusal(file({ layout: 'zip' }))).toMatch(/expected "plain" or "packed", got "zip"/);
    expect(refusal(file({ codebook: 'x' }))).toMatch(/expected the 32 hexadecimal digits of an id, got "x"/);
    for (const codewords of ['', '256,', '256,0', '256,65537', '256, 5', '256,5e0', '-1']) {
      expect(refusal(file({ codewords }))).toMatch(/__metadata__ "codewords": expected numbers of codewords/);
    }
    expect(refusal(file({ codewords: '256,5,5' }))).toMatch(/expected U8 of shape \[rows, 3\], got U8 of shape \[3, 2\]/);
    expect(refusal(file({ codewords: '257,5' }))).toMatch(/expected U16 of shape \[rows, 2\], got U8/);
    expect(refusal(file({ codewords: '256,6' }), narrow)).toMatch(/expected 256,5, as the codebook has, got 256,6/);
    expect(refusal(file({}, [{ ...tensor, name: 'x' }]))).toMatch(/expected one tensor "codes", got "x"/);
    expect(refusal(file({}, []))).toMatch(/expected one tensor "codes", got none/);
  });

  it('of no bits are not packed, so that a file cannot promise rows without a byte', () => {
    const single = shaped([1, 1]);
    expect(errorOf(() => serializeCodes(codesOf(single, [0, 0]), single, { packed: true }))).toMatchObject({ code: 'UNSUPPORTED' });
    const metadata = { format: 'residual-vq codes', version: '1', codebook: single.id, codewords: '1,1', layout: 'packed' };
    const promise: TensorData = { name: 'codes', type: 'U8', shape: [1e15, 0], data: new Uint8Array() };
    expect(refusal(joinBytes(serializeSafetensors([promise], metadata)), single)).toMatch(/expected "plain" where every stage has one codeword/);
  });
});
