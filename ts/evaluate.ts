// Evaluate: how much of the rows is lost after each stage.
import { encode } from './encode.ts';
import { codebookHandle } from './engine/codebooks.ts';
import { withMemory } from './engine/memory.ts';
import { blockRows, forEachBlock } from './model/blocks.ts';
import type { Codebook } from './model/codebook.ts';
import { type Evaluation, summarize } from './model/evaluation.ts';
import type { Matrix } from './model/matrix.ts';
import { checkEncode, type EncodeOptions } from './model/requests.ts';

/**
 * Encodes rows and measures the error after every stage, the use of the codewords and the bits. Errors are added row by row within a
 * block and then block by block, so that they are the same to the last bit however blocks are shared out.
 *
 * @param vectors rows of the codebook's dim, one at least; not changed
 * @throws RvqError `DIM_MISMATCH`, `NOT_FINITE` with row and element, or what is wrong with an argument
 */
export function evaluate(codebook: Codebook, vectors: Matrix, options?: EncodeOptions): Evaluation {
  checkEncode('evaluate', codebook, vectors, options);
  const codes = encode(codebook, vectors, options);
  const { dim } = codebook;
  const { data, rows } = vectors;
  const { stages, data: given } = codes;
  const totals = new Float64Array(stages + 1); // the squared norm, then the squared error after each stage
  withMemory((scope) => {
    const { core } = scope;
    const handle = codebookHandle(scope, codebook);
    const block = Math.min(rows, blockRows(dim));
    const rowsAt = scope.reserve(block * dim * 4);
    const codesAt = scope.reserve(block * stages * given.BYTES_PER_ELEMENT);
    const sumsAt = scope.reserve(totals.byteLength);
    const sums = new Float64Array(totals.length);
    forEachBlock(rows, dim, (start, end) => {
      scope.copyIn(data.subarray(start * dim, end * dim), rowsAt);
      scope.copyIn(given.subarray(start * stages, end * stages), codesAt);
      core.measure(handle, rowsAt, end - start, codesAt, given.BYTES_PER_ELEMENT, sumsAt);
      scope.copyOut(sumsAt, sums);
      for (let i = 0; i < totals.length; i++) totals[i] += sums[i];
    });
  });
  return summarize(codebook, codes, totals.subarray(1), totals[0]);
}
