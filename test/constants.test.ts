// Limits that hold in the crate and in TypeScript alike: both sources are read and must say the same.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_CODEWORDS, MAX_STAGES } from '../ts/model/codebook.ts';
import { MAX_DIM } from '../ts/model/matrix.ts';
import { MAX_BEAM } from '../ts/model/requests.ts';
import { projectPath } from './support/data.ts';

/** The one number that a pattern finds in a file of the project. */
function numberIn(path: string, pattern: RegExp): number {
  const found = [...readFileSync(projectPath(path), 'utf8').matchAll(pattern)];
  expect(found.length, `${pattern} in ${path}`).toBe(1);
  return Number(found[0][1].replaceAll(/[_,]/g, ''));
}

describe('limits', () => {
  it('of the crate are those of TypeScript', () => {
    expect(numberIn('crate/src/quantizer/stage.rs', /debug_assert!\(.*\bdim <= ([\d_]+)\)/g)).toBe(MAX_DIM);
    expect(numberIn('crate/src/quantizer/rows.rs', /impl Code for u16 \{[^}]*?debug_assert!\(index < ([\d_]+)\)/g)).toBe(MAX_CODEWORDS);
  });

  it('are those that the documents promise', () => {
    expect(numberIn('docs/exactness.md', /up to ([\d,]+) stages; a codebook has no more/g)).toBe(MAX_STAGES);
    expect(numberIn('README.md', /- At most ([\d,]+) stages\./g)).toBe(MAX_STAGES);
    expect(numberIn('README.md', /- dim 1 to ([\d,]+);/g)).toBe(MAX_DIM);
    expect(numberIn('README.md', /- dim 1 to [\d,]+; 1 to ([\d,]+) codewords a stage/g)).toBe(MAX_CODEWORDS);
    expect(numberIn('README.md', /With a `beam` of B \(1 to (\d+),/g)).toBe(MAX_BEAM);
  });
});
