import { describe, expect, it } from 'vitest';
import { parseCheckpoint, serializeCheckpoint } from '../ts/formats/checkpoint.ts';
import { parseCodebook, serializeCodebook } from '../ts/formats/codebook.ts';
import { parseCodes, parseCodesNpy, serializeCodes } from '../ts/formats/codes.ts';
import { serializeNpyCodes, serializeNpyVectors } from '../ts/formats/npy.ts';
import { parseIvecsIntegers, serializeVecs } from '../ts/formats/vecs.ts';
import { parseVectors, serializeVectors } from '../ts/formats/vectors.ts';
import { randomCodebook } from '../ts/model/codebook.ts';
import { RvqError } from '../ts/model/errors.ts';
import { matrix } from '../ts/model/matrix.ts';
import { checkpoint } from './support/checkpoint.ts';
import { joinBytes } from './support/files.ts';

const book = randomCodebook({ dim: 2, stages: 3, codewords: [2, 3, 5], seed: 1 });
const codes = { data: Uint8Array.of(0, 1, 2, 1, 2, 4), rows: 2, stages: 3, codebookId: book.id };
const vectors = matrix([
  [1, 2, 3],
  [250, 0, 7],
]);

/** Small valid files of every kind, and how each is read. */
const files: { name: string; bytes: Uint8Array; read: (bytes: Uint8Array) => unknown }[] = [
  ...(['fvecs', 'bvecs', 'ivecs'] as const).map((kind) => ({
    name: `vectors.${kind}`,
    bytes: joinBytes(serializeVecs(vectors, kind)),
    read: (bytes: Uint8Array) => parseVectors(bytes, `vectors.${kind}`),
  })),
  { name: 'integers.ivecs', bytes: joinBytes(serializeVecs(vectors, 'ivecs')), read: (bytes) => parseIvecsIntegers(bytes, 'integers.ivecs') },
  { name: 'vectors.npy', bytes: joinBytes(serializeNpyVectors(vectors)), read: (bytes) => parseVectors(bytes, 'vectors.npy') },
  {
    name: 'vectors.safetensors',
    bytes: joinBytes(serializeVectors(vectors, 'safetensors')),
    read: (bytes) => parseVectors(bytes, 'vectors.safetensors'),
  },
  { name: 'codebook.safetensors', bytes: joinBytes(serializeCodebook(book)), read: (bytes) => parseCodebook(bytes, 'codebook.safetensors') },
  {
    name: 'checkpoint.safetensors',
    bytes: joinBytes(serializeCheckpoint(await checkpoint())),
    read: (bytes) => parseCheckpoint(bytes, 'checkpoint.safetensors'),
  },
  { name: 'codes.safetensors', bytes: joinBytes(serializeCodes(codes, book)), read: (bytes) => parseCodes(bytes, 'codes.safetensors') },
  {
    name: 'packed.safetensors',
    bytes: joinBytes(serializeCodes(codes, book, { packed: true })),
    read: (bytes) => parseCodes(bytes, 'packed.safetensors', book),
  },
  { name: 'codes.npy', bytes: joinBytes(serializeNpyCodes(codes)), read: (bytes) => parseCodesNpy(bytes, 'codes.npy', book) },
];

/** What is wrong with the bytes, or undefined where they are read. Any error but ours is thrown on. */
function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof RvqError) return error.message;
    throw error;
  }
}

describe.each(files)('$name', ({ name, bytes, read }) => {
  it('is read whole', () => {
    expect(refusal(() => read(bytes))).toBeUndefined();
  });

  it('is refused cut at any byte, unless whole rows are left', () => {
    const wholeRows: number[] = [];
    for (let length = 0; length < bytes.length; length++) {
      const message = refusal(() => read(bytes.slice(0, length)));
      if (message === undefined) wholeRows.push(length);
      else expect(message.startsWith(`${name}: `)).toBe(true);
    }
    expect(wholeRows).toEqual(name.endsWith('vecs') ? [bytes.length / 2] : []);
  });

  it('is refused with a byte too many', () => {
    expect(refusal(() => read(Uint8Array.from([...bytes, 0])))).toMatch(name);
  });

  it('is read or refused in our own words with any byte changed in any bit', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = bytes.slice();
        damaged[at] ^= flip;
        const message = refusal(() => read(damaged));
        if (['codebook.safetensors', 'checkpoint.safetensors'].includes(name) && message === undefined)
          throw new Error(`byte ${at} changed by ${flip} went unnoticed`);
        if (message !== undefined) expect(message).toMatch(name);
      }
    }
  });
});
