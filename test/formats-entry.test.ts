// residual-vq/formats: the bytes of files without files, the same bytes that residual-vq/node writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCodebook, readCodes, readVectors, writeCodebook, writeCodes, writeVectors } from '../ts/formats/index.ts';
import { encode, matrix, randomCodebook } from '../ts/index.ts';
import * as files from '../ts/node/index.ts';
import { temporaryFolder } from './support/files.ts';

const book = randomCodebook({ dim: 5, stages: 3, codewords: [7, 300, 2], seed: 4 });
const vectors = matrix(randomCodebook({ dim: 5, stages: 1, codewords: 50, seed: 5 }).data, 5);
const codes = encode(book, vectors);

describe('residual-vq/formats', () => {
  it.each(['x.fvecs', 'x.npy', 'x.safetensors'])('writes the bytes of %s that residual-vq/node writes, and reads them', async (name) => {
    const path = join(temporaryFolder(), name);
    await files.writeVectors(path, vectors);
    const bytes = writeVectors(vectors, { name });
    expect(bytes).toEqual(new Uint8Array(readFileSync(path)));
    expect(readVectors(bytes, { name })).toEqual(vectors);
  });

  it('writes and reads codebooks', async () => {
    const path = join(temporaryFolder(), 'book.safetensors');
    await files.writeCodebook(path, book);
    const bytes = writeCodebook(book);
    expect(bytes).toEqual(new Uint8Array(readFileSync(path)));
    expect(readCodebook(bytes)).toEqual(book);
  });

  it.each([{ name: 'codes.safetensors' }, { name: 'codes.safetensors', packed: true }, { name: 'codes.npy' }])(
    'writes and reads codes as $name, packed: $packed',
    async (options) => {
      const path = join(temporaryFolder(), options.name);
      await files.writeCodes(path, codes, book, { packed: options.packed });
      const bytes = writeCodes(codes, book, options);
      expect(bytes).toEqual(new Uint8Array(readFileSync(path)));
      expect(readCodes(bytes, book, { name: options.name })).toEqual(codes);
    },
  );

  it('names what is wrong', () => {
    expect(() => readCodebook(writeCodebook(book).subarray(0, 100), { name: 'cut.safetensors' })).toThrow(/^cut\.safetensors: byte 8: expected/);
    expect(() => readCodebook('book.safetensors' as unknown as Uint8Array)).toThrow('bytes: expected a Uint8Array, got "book.safetensors"');
    expect(() => readVectors(new Uint8Array(4), {} as { name: string })).toThrow('readVectors option name: expected the name of a file');
    expect(() => readVectors(new Uint8Array(4), { name: 'x.csv' })).toThrow(/^x\.csv: expected a name that ends in/);
    expect(() => writeCodes(codes, book, { name: 'codes.npy', packed: true })).toThrow('only .safetensors files hold packed codes, not codes.npy');
  });
});
