// Beam search by a method of the test's choice, where encode would choose itself.
import { createEncoder } from '../../ts/engine/encoder.ts';
import { withMemory } from '../../ts/engine/memory.ts';
import type { Codebook, Codes, Matrix } from '../../ts/index.ts';
import { createCodeArray } from '../../ts/model/codes.ts';

export const METHODS = ['tables', 'residuals'] as const;

/** Encodes rows, all in one block. */
export function encodeBy(method: (typeof METHODS)[number], codebook: Codebook, { data, rows }: Matrix, beam: number): Codes {
  const stages = codebook.codewords.length;
  const codes = createCodeArray(codebook.codewords, rows * stages);
  withMemory((scope) => {
    const encodeBlock = createEncoder(scope, codebook, rows, { beam, maxMemory: 2 ** 30 }, method);
    const codesAt = scope.reserve(codes.byteLength);
    if (encodeBlock(scope.place(data), rows, codesAt, codes.BYTES_PER_ELEMENT) !== -1) throw new Error('not finite');
    scope.copyOut(codesAt, codes);
  });
  return { data: codes, rows, stages, codebookId: codebook.id };
}
