// Codes are those of the reference for rows and codewords of all lengths, also those whose squares overflow float32.
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { encode } from '../ts/encode.ts';
import { encode as referenceEncode } from '../ts/reference/index.ts';
import { mix, mixtures } from './support/mixtures.ts';

describe('mixtures of lengths', () => {
  it.each([1, 3, 16])('have the same codes with a beam of %d', (beam) => {
    fc.assert(
      fc.property(mixtures, (mixture) => {
        const { codebook, vectors } = mix(mixture);
        const most = Math.min(beam, codebook.codewords[0]);
        const ours = encode(codebook, vectors, { beam: most }).data;
        const theirs = referenceEncode(codebook, vectors, { beam: most }).data;
        return ours.length === theirs.length && ours.every((code, i) => code === theirs[i]);
      }),
      { seed: 1, numRuns: Math.ceil(3000 / beam) },
    );
  });
});
