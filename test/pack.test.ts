import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codes, codebook, matrix, pack, RvqError, randomCodebook, unpack } from '../ts/reference/index.ts';

/** A codebook of dim 1 with so many codewords a stage: packing looks at nothing else of it. */
function shaped(codewords: number[]) {
  const all = codewords.reduce((a, b) => a + b, 0);
  return codebook(new Float32Array(all), { dim: 1, codewords });
}

function codesOf(book: ReturnType<typeof shaped>, values: readonly number[]): Codes {
  const wide = Math.max(...book.codewords) > 256;
  const stages = book.codewords.length;
  const data = wide ? Uint16Array.from(values) : Uint8Array.from(values);
  return { data, rows: values.length / stages, stages, codebookId: book.id };
}

describe('pack', () => {
  it('lays bits out as faiss does: 3, 5, 9 and 12 bits with 5, 17, 300, 2748', () => {
    const book = shaped([8, 32, 512, 4096]);
    const codes = codesOf(book, [5, 17, 300, 2748]);
    expect(Array.from(pack(codes, book))).toEqual([141, 44, 121, 21]);
    expect(unpack(Uint8Array.of(141, 44, 121, 21), book, 1)).toEqual(codes);
  });

  it('is the little-endian number V = sum of code << (bits before it), for any shape, and unpack is its inverse', () => {
    const shape = fc.array(fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(2, 255, 256, 257, 4096)), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(shape, fc.nat({ max: 5 }), fc.infiniteStream(fc.nat()), (codewords, rows, numbers) => {
        const book = shaped(codewords);
        const values = Array.from({ length: rows * codewords.length }, (_, i) => Number(numbers.next().value) % codewords[i % codewords.length]);
        const codes = codesOf(book, values);
        const bytes = pack(codes, book);
        expect(Array.from(bytes)).toEqual(slowPack(values, codewords));
        expect(unpack(bytes, book, rows)).toEqual(codes);
      }),
    );
  });

  it('takes the full 16 bits of a stage of 65,536 codewords', () => {
    const book = shaped([65536, 3, 65536]);
    const values = [65535, 2, 65535, 0, 1, 32768];
    const bytes = pack(codesOf(book, values), book);
    expect(Array.from(bytes)).toEqual(slowPack(values, book.codewords));
    expect(Array.from(unpack(bytes, book, 2).data)).toEqual(values);
  });

  it('makes no bytes of stages of one codeword, nor of no rows', () => {
    const book = shaped([1, 1]);
    expect(pack(codesOf(book, [0, 0, 0, 0]), book).length).toBe(0);
    expect(Array.from(unpack(new Uint8Array(0), book, 2).data)).toEqual([0, 0, 0, 0]);
    expect(pack(codesOf(shaped([4]), []), shaped([4])).length).toBe(0);
  });

  it('refuses codes of another codebook', () => {
    const book = randomCodebook({ dim: 2, stages: 2, codewords: 4, seed: 1 });
    const other = randomCodebook({ dim: 2, stages: 2, codewords: 4, seed: 2 });
    const codes: Codes = { data: new Uint8Array(2), rows: 1, stages: 2, codebookId: other.id };
    expect(() => pack(codes, book)).toThrow(expect.objectContaining({ code: 'CODEBOOK_MISMATCH' }));
  });
});

describe('unpack', () => {
  it('refuses bytes cut at any length, or too long', () => {
    const book = shaped([8, 32, 512]);
    const bytes = pack(codesOf(book, [7, 31, 511, 1, 2, 3]), book);
    for (let length = 0; length <= bytes.length + 2; length++) {
      if (length === bytes.length) continue;
      const cut = new Uint8Array(length);
      expect(() => unpack(cut, book, 2)).toThrow(RvqError);
    }
  });

  it('refuses a code that the stage does not have, naming row and stage', () => {
    const book = shaped([8, 5]);
    const bytes = Uint8Array.of(0b000_000, 0b110_001);
    expect(() => unpack(bytes, book, 2)).toThrow('codes: row 1, stage 1: expected a codeword below 5, got 6');
  });

  it('refuses what is no Uint8Array, and rows that are no count', () => {
    const book = shaped([8]);
    // @ts-expect-error what plain JavaScript may pass
    expect(() => unpack([1, 2], book, 2)).toThrow('bytes: expected a Uint8Array, got an array of 2');
    expect(() => unpack(new Uint8Array(2), book, 1.5)).toThrow('rows: expected an integer');
    expect(() => unpack(new Uint8Array(2), book, -1)).toThrow('rows: expected an integer');
  });
});

describe('the id of a codebook', () => {
  it('is the start of the SHA-256 of shape and data, as docs and other programs can compute it', () => {
    const book = codebook(Float32Array.of(1, 2, 3, 4, 5, 6), { dim: 2, codewords: [1, 2] });
    const head = Buffer.from('residual-vq codebook\0', 'latin1');
    const shape = Buffer.from(Uint32Array.of(2, 2, 1, 2).buffer);
    const hash = createHash('sha256').update(head).update(shape).update(Buffer.from(book.data.buffer));
    expect(book.id).toBe(hash.digest('hex').slice(0, 32));
    expect(matrix(book.data, 2).rows).toBe(3);
  });
});

/** The definition in BigInt, a row at a time. */
function slowPack(values: readonly number[], codewords: readonly number[]): number[] {
  const bits = codewords.map((k) => (k === 1 ? 0 : Math.ceil(Math.log2(k))));
  const rowBytes = Math.ceil(bits.reduce((a, b) => a + b, 0) / 8);
  const bytes: number[] = [];
  for (let start = 0; start < values.length; start += codewords.length) {
    let row = 0n;
    let shift = 0n;
    bits.forEach((width, stage) => {
      row += BigInt(values[start + stage]) << shift;
      shift += BigInt(width);
    });
    for (let i = 0; i < rowBytes; i++, row >>= 8n) bytes.push(Number(row & 255n));
  }
  return bytes;
}
