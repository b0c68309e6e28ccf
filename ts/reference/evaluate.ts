// Evaluate: how much of the rows is lost after each stage.
import { measureCodec } from '../codec/decode.ts';
import { blockRows, forEachBlock } from '../model/blocks.ts';
import { stageCodewords } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { type Evaluation, evaluationOf } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import { checkEncode, type EncodeOptions } from '../model/requests.ts';
import { referenceDecoder } from './decode.ts';
import { squaredDistance, subtractCodeword } from './distance.ts';
import { encodeRows } from './encode.ts';

/**
 * Encodes rows and measures the error after every stage. Errors are added row by row within a block and then block by block, so that
 * they are the same to the last bit however blocks are shared out.
 *
 * @param vectors rows of the codebook's dim, one at least
 */
export function evaluate(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Evaluation {
  const codes = encodeRows(codebook, vectors, checkEncode('evaluate', codebook, vectors, options));
  return evaluationOf(codebook, codes, measureBlocks(codebook, vectors, codes));
}

/**
 * Measures each block of rows whose codes are known: `sums[block * (stages + 1)]` is the summed squared norm of its rows, and the values that
 * follow it are their summed squared errors after each stage.
 */
export function measureBlocks(codebook: Codec, vectors: Matrix, codes: Codes): Float64Array {
  if (!isCodebook(codebook)) return measureCodec(referenceDecoder, codebook, vectors, codes.data);
  const { dim, codewords } = codebook;
  const stages = codewords.map((_, stage) => stageCodewords(codebook, stage));
  const zero = new Float32Array(dim);
  const width = stages.length + 1;
  const sums = new Float64Array(Math.ceil(vectors.rows / blockRows(dim)) * width);
  forEachBlock(vectors.rows, dim, (start, end) => {
    const at = (start / blockRows(dim)) * width;
    for (let row = start; row < end; row++) {
      const residual = vectors.data.slice(row * dim, (row + 1) * dim);
      sums[at] += squaredDistance(residual, 0, zero, 0, dim);
      for (let stage = 0; stage < stages.length; stage++) {
        const k = codes.data[row * stages.length + stage];
        sums[at + 1 + stage] += squaredDistance(residual, 0, stages[stage].data, k * dim, dim);
        subtractCodeword(residual, stages[stage], k);
      }
    }
  });
  return sums;
}
