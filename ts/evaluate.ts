// Evaluate: how much of the rows is lost after each stage.
import { measureCodec } from './codec/decode.ts';
import { coreDecoder } from './decode.ts';
import { type EncodedBlock, encodeBlocks, encodeRows } from './encode.ts';
import { codebookHandle } from './engine/codebooks.ts';
import { type Scope, withMemory } from './engine/memory.ts';
import type { Doubles } from './model/arrays.ts';
import { blockRows, forEachBlock } from './model/blocks.ts';
import type { Codebook } from './model/codebook.ts';
import { type Codec, isCodebook } from './model/codec.ts';
import { type Codes, createCodeArray } from './model/codes.ts';
import { type Evaluation, evaluationOf } from './model/evaluation.ts';
import type { Matrix } from './model/matrix.ts';
import { checkEncode, type EncodeOptions } from './model/requests.ts';

/**
 * Encodes rows and measures the error after every stage, the use of the codewords and the bits. Errors are added row by row within a
 * block and then block by block, so that they are the same to the last bit however blocks are shared out.
 *
 * @param vectors rows of the codebook's dim, one at least; not changed
 * @throws RvqError `DIM_MISMATCH`, `NOT_FINITE` with row and element, or what is wrong with an argument
 */
export function evaluate(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Evaluation {
  const request = { ...checkEncode('evaluate', codebook, vectors, options), firstRow: 0, allRows: vectors.rows };
  if (!isCodebook(codebook)) {
    const codes = encodeRows(codebook, vectors, request);
    return evaluationOf(codebook, codes, measureBlocks(codebook, vectors, codes.data));
  }
  const sums = createSums(codebook, vectors.rows);
  const codes = encodeBlocks(codebook, vectors, request, (scope) => {
    const measure = createMeasurer(scope, codebook, sums);
    const codeBytes = createCodeArray(codebook.codewords, 0).BYTES_PER_ELEMENT;
    return (block) => measure(block, codeBytes);
  });
  return evaluationOf(codebook, codes, sums);
}

/**
 * Measures each block of rows whose codes are known: `sums[block * (stages + 1)]` is the summed squared norm of its rows, and the values that
 * follow it are their summed squared errors after each stage.
 */
export function measureBlocks(codebook: Codec, vectors: Matrix, codes: Codes['data']): Doubles {
  if (!isCodebook(codebook)) return measureCodec(coreDecoder, codebook, vectors, codes);
  const { data, rows, dim } = vectors;
  const stages = codebook.codewords.length;
  const sums = createSums(codebook, rows);
  withMemory((scope) => {
    const measure = createMeasurer(scope, codebook, sums);
    const most = Math.min(rows, blockRows(dim));
    const rowsAt = scope.reserve(most * dim * 4);
    const codesAt = scope.reserve(most * stages * codes.BYTES_PER_ELEMENT);
    forEachBlock(rows, dim, (start, end) => {
      scope.copyIn(data.subarray(start * dim, end * dim), rowsAt);
      scope.copyIn(codes.subarray(start * stages, end * stages), codesAt);
      measure({ start, end, rowsAt, codesAt }, codes.BYTES_PER_ELEMENT);
    });
  });
  return sums;
}

/** Room for the sums of every block. */
export function createSums({ dim, codewords }: Codec, rows: number): Doubles {
  return new Float64Array(Math.ceil(rows / blockRows(dim)) * (codewords.length + 1));
}

/** Measures a block that is in the core's memory, and puts its sums where they belong. */
function createMeasurer(scope: Scope, codebook: Codebook, sums: Doubles): (block: EncodedBlock, codeBytes: number) => void {
  const handle = codebookHandle(scope, codebook);
  const width = codebook.codewords.length + 1;
  const sumsAt = scope.reserve(width * 8);
  return ({ start, end, rowsAt, codesAt }, codeBytes) => {
    scope.core.measure(handle, rowsAt, end - start, codesAt, codeBytes, sumsAt);
    const at = (start / blockRows(codebook.dim)) * width;
    scope.copyOut(sumsAt, sums.subarray(at, at + width));
  };
}
