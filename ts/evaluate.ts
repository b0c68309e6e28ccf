// Evaluate: how much of the rows is lost after each stage.
import { encodeRows } from './encode.ts';
import { codebookHandle } from './engine/codebooks.ts';
import { withMemory } from './engine/memory.ts';
import type { Doubles } from './model/arrays.ts';
import { blockRows, forEachBlock } from './model/blocks.ts';
import type { Codebook } from './model/codebook.ts';
import type { Codes } from './model/codes.ts';
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
  const request = checkEncode('evaluate', codebook, vectors, options);
  const codes = encodeRows(codebook, vectors, { ...request, allRows: vectors.rows });
  return summarizeBlocks(codebook, codes, measureBlocks(codebook, vectors, codes));
}

/**
 * Measures each block of rows: `sums[block * (stages + 1)]` is the summed squared norm of its rows, and the values that follow it are their
 * summed squared errors after each stage.
 */
export function measureBlocks(codebook: Codebook, { data, rows }: Matrix, codes: Codes): Doubles {
  const { dim } = codebook;
  const { stages, data: given } = codes;
  const block = blockRows(dim);
  const width = stages + 1;
  const sums = new Float64Array(Math.ceil(rows / block) * width);
  withMemory((scope) => {
    const { core } = scope;
    const handle = codebookHandle(scope, codebook);
    const most = Math.min(rows, block);
    const rowsAt = scope.reserve(most * dim * 4);
    const codesAt = scope.reserve(most * stages * given.BYTES_PER_ELEMENT);
    const sumsAt = scope.reserve(width * 8);
    forEachBlock(rows, dim, (start, end) => {
      scope.copyIn(data.subarray(start * dim, end * dim), rowsAt);
      scope.copyIn(given.subarray(start * stages, end * stages), codesAt);
      core.measure(handle, rowsAt, end - start, codesAt, given.BYTES_PER_ELEMENT, sumsAt);
      const at = (start / block) * width;
      scope.copyOut(sumsAt, sums.subarray(at, at + width));
    });
  });
  return sums;
}

/** Adds up what measureBlocks found, block by block. */
export function summarizeBlocks(codebook: Codebook, codes: Codes, sums: Float64Array): Evaluation {
  const totals = new Float64Array(codes.stages + 1);
  for (let i = 0; i < sums.length; i++) totals[i % totals.length] += sums[i];
  return summarize(codebook, codes, totals.subarray(1), totals[0]);
}
