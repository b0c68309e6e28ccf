// Evaluate: how much of the rows is lost after each stage.
import { measureCodec } from '../codec/decode.ts';
import { forEachBlock } from '../model/blocks.ts';
import { stageCodewords } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import { type Evaluation, summarize, summarizeBlocks } from '../model/evaluation.ts';
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
  if (!isCodebook(codebook)) return summarizeBlocks(codebook, codes, measureCodec(referenceDecoder, codebook, vectors, codes.data));
  const { dim, codewords } = codebook;
  const stages = codewords.map((_, stage) => stageCodewords(codebook, stage));
  const zero = new Float32Array(dim);
  const squaredErrors = new Float64Array(stages.length);
  let squaredNorm = 0;
  forEachBlock(vectors.rows, dim, (start, end) => {
    const blockErrors = new Float64Array(stages.length);
    let blockNorm = 0;
    for (let row = start; row < end; row++) {
      const residual = vectors.data.slice(row * dim, (row + 1) * dim);
      blockNorm += squaredDistance(residual, 0, zero, 0, dim);
      for (let stage = 0; stage < stages.length; stage++) {
        const k = codes.data[row * stages.length + stage];
        blockErrors[stage] += squaredDistance(residual, 0, stages[stage].data, k * dim, dim);
        subtractCodeword(residual, stages[stage], k);
      }
    }
    for (let stage = 0; stage < stages.length; stage++) squaredErrors[stage] += blockErrors[stage];
    squaredNorm += blockNorm;
  });
  return summarize(codebook, codes, squaredErrors, squaredNorm);
}
