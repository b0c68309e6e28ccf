// Indexes of faiss, against what faiss itself wrote and rebuilt. What faiss makes of ours, test/outside/faiss_files.py asks it.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFaissIndex, writeFaissIndex } from '../ts/formats/index.ts';
import { codebook, decode, encode, matrix, pack, randomCodebook } from '../ts/index.ts';
import { errorOf } from './support/files.ts';

function fixture(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`./fixtures/faiss/${name}`, import.meta.url)));
}

/** float32 values that lie in a file one after the other. */
function floats(name: string): Float32Array {
  return new Float32Array(fixture(name).buffer);
}

const kinds: Record<string, { codewords: number[]; rows: number[][] }> = JSON.parse(Buffer.from(fixture('kinds.json')).toString());
const book = randomCodebook({ dim: 3, stages: 4, codewords: [8, 1, 2, 512], seed: 2 });
const codes = encode(book, matrix(randomCodebook({ dim: 3, stages: 1, codewords: 20, seed: 3 }).data, 3));

function message(bytes: Uint8Array): string {
  const { code, message } = errorOf(() => readFaissIndex(bytes, { name: 'a.index' }));
  expect(code).toBe('BAD_FILE');
  return message;
}

describe('readFaissIndex', () => {
  it.each([
    ['rq4x6', [64, 64, 64, 64]],
    ['rq5_6_7', [32, 64, 128]],
  ])('gives the codebook that faiss trained: %s', (name, codewords) => {
    const read = readFaissIndex(fixture(`${name}.IxRq.faissindex`));
    expect(read.codebook).toEqual(codebook(floats(`${name}.codebooks.f32`), { dim: 32, codewords }));
    expect(read.codes).toEqual({ data: new Uint8Array(), rows: 0, stages: codewords.length, codebookId: read.codebook.id });
  });

  it.each(Object.keys(kinds))('gives codes that rebuild the rows that faiss rebuilds: %s', (name) => {
    const read = readFaissIndex(fixture(`${name}.faissindex`));
    expect(read.codebook.codewords).toEqual(kinds[name].codewords);
    expect(decode(read.codebook, read.codes)).toEqual(matrix(kinds[name].rows));
  });

  it('makes stages of the slices of a product that encode each slice by itself', () => {
    const { codebook: product } = readFaissIndex(fixture('product.faissindex'));
    expect(product.dim).toBe(4);
    const zero = (k: number, column: number) => product.data[k * 4 + column] === 0;
    for (let k = 0; k < 32; k++)
      expect([0, 1, 2, 3].map((column) => zero(k, column))).toEqual(k < 16 ? [false, false, true, true] : [true, true, false, false]);
  });

  it('refuses other kinds of index by name, and says what to do', () => {
    expect(message(fixture('flat.faissindex'))).toBe(
      'a.index: byte 0: expected "IxRq" (IndexResidualQuantizer) or "IxPR" (IndexProductResidualQuantizer), got "IxF2" (an IndexFlatL2, which holds vectors and no codebook)',
    );
    const of = (type: string) => message(Uint8Array.from(Buffer.from(type)));
    expect(of('IwRQ')).toMatch(/got "IwRQ" \(an IndexIVFResidualQuantizer, whose codes are of residuals of coarse centroids\)$/);
    expect(of('IxMp')).toMatch(/got "IxMp" \(an IndexIDMap: write its \.index alone, and its ids beside it\)$/);
    expect(of('toSt')).toMatch(/got "toSt"$/);
    expect(message(fixture('untrained.faissindex'))).toBe('a.index: byte 32: expected a trained index, is_trained 1, got 0');
  });

  it('refuses what our codebooks cannot be', () => {
    const bytes = writeFaissIndex(book, codes);
    const set = (at: number, value: number) => {
      const changed = bytes.slice();
      new DataView(changed.buffer).setInt32(at, value, true);
      return message(changed);
    };
    expect(set(33, 2)).toBe('a.index: byte 33: expected metric_type 1 (L2) or 0 (inner product), got 2');
    expect(set(4, 5000)).toBe('a.index: byte 4: expected d from 1 to 4,096, got 5000');
    expect(set(45, 1001)).toBe('a.index: byte 45: expected M, at most 1,000, got 1001');
    expect(set(61, 17)).toBe('a.index: byte 61: expected nbits of a stage, at most 16, got 17');
    expect(set(102, 0x7fc00000)).toMatch(/^a\.index: data: row 0, element 0: expected a finite float32, got NaN$/);
    const search = 102 + 4 * book.data.length;
    expect(set(search, 10)).toBe(`a.index: byte ${search.toLocaleString('en')}: expected search_type 0 to 9, got 10`);
    expect(message(Uint8Array.of(...bytes, 0))).toMatch(/: expected the end of the file, got 1 more byte$/);
  });

  it('compares sizes with the file before it allocates', () => {
    const bytes = writeFaissIndex(book, codes);
    new DataView(bytes.buffer).setBigUint64(8, 2n ** 52n, true); // ntotal
    expect(message(bytes)).toMatch(/expected the length of the codes 9,007,199,254,740,992, got 40$/);
  });

  it('checks its arguments', () => {
    expect(() => readFaissIndex('a.index' as unknown as Uint8Array)).toThrow('bytes: expected a Uint8Array, got "a.index"');
    expect(() => readFaissIndex(new Uint8Array(3))).toThrow(
      'index.faissindex: byte 0: expected the type of a faiss index, 4 bytes, got 3 to the end',
    );
  });
});

describe('writeFaissIndex', () => {
  it('is read back as it was', () => {
    expect(readFaissIndex(writeFaissIndex(book, codes))).toEqual({ codebook: book, codes });
  });

  it('writes the bytes that faiss wrote, but for two norms that no search of it reads', () => {
    const faiss = fixture('rq4x6.IxRq.faissindex');
    const { codebook: read, codes: none } = readFaissIndex(faiss);
    const ours = writeFaissIndex(read, none);
    const norms = 102 + 4 * read.data.length + 4;
    expect(ours.length).toBe(faiss.length);
    for (const at of [norms, norms + 4]) new DataView(ours.buffer).setFloat32(at, new DataView(faiss.buffer).getFloat32(at, true), true);
    expect(ours).toEqual(faiss);
  });

  it('ends with the packed codes', () => {
    const packed = pack(codes, book);
    expect(writeFaissIndex(book, codes).subarray(-packed.length)).toEqual(packed);
  });

  it('spares faiss tables of inner products that would take gigabytes', () => {
    const trainType = (codewords: number[]) => {
      const large = randomCodebook({ dim: 1, stages: codewords.length, codewords, seed: 1 });
      const none = encode(large, matrix([[0]]));
      const bytes = writeFaissIndex(large, none);
      return new DataView(bytes.buffer).getInt32(bytes.length - pack(none, large).length - 24, true);
    };
    expect(trainType([256, 256, 256])).toBe(0);
    expect(trainType([16384, 16384])).toBe(2048);
  });

  it('refuses stages that faiss has not, and says what to do', () => {
    const odd = randomCodebook({ dim: 3, stages: 2, codewords: [4, 100], seed: 2 });
    const oddCodes = encode(odd, matrix([[1, 2, 3]]));
    expect(errorOf(() => writeFaissIndex(odd, oddCodes))).toEqual({
      code: 'INVALID_ARGUMENT',
      message:
        'codebook.codewords[1]: expected a power of two, as all stages of a faiss index have (train with 128, or repeat a codeword until there are so many: codes stay what they are), got 100',
    });
    const single = randomCodebook({ dim: 3, stages: 2, codewords: 1, seed: 2 });
    expect(errorOf(() => writeFaissIndex(single, encode(single, matrix([[1, 2, 3]])))).message).toMatch(/expected a stage of two codewords or more/);
    expect(errorOf(() => writeFaissIndex(odd, codes)).code).toBe('CODEBOOK_MISMATCH');
  });
});
