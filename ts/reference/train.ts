// Train: the k-means that every engine shares, on the reference's loops.
import { inSteps } from '../kmeans/passes.ts';
import { trainWith } from '../kmeans/train.ts';
import type { Codebook } from '../model/codebook.ts';
import type { Matrix } from '../model/matrix.ts';
import type { TrainOptions, TrainReport } from '../model/training.ts';
import { referenceKernels } from './kernels.ts';

/**
 * Makes a codebook for rows like these. The same seed gives the same codebook, bit for bit, here and in WebAssembly.
 *
 * @param vectors at least as many rows as the largest stage has codewords; 39 times as many or more for good ones
 * @returns the codebook, and a report with the error of every stage and warnings; a rejection with RvqError where an argument
 *   is wrong, or with the reason of `options.signal`
 */
export function train(vectors: Matrix, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  return trainWith(inSteps(referenceKernels), vectors, options);
}
