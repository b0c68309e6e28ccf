// Train: the k-means that every engine shares, on the core's kernels.
import { wasmKernels } from './engine/kernels.ts';
import { inSteps } from './kmeans/passes.ts';
import { trainWith } from './kmeans/train.ts';
import type { Codebook } from './model/codebook.ts';
import type { TrainingVectors, TrainOptions, TrainReport } from './model/training.ts';

/**
 * Makes a codebook for rows like these. The same seed gives the same codebook, bit for bit, here and in residual-vq/reference.
 *
 * @param vectors a matrix, or an iterable, async or not, of blocks of rows: at least as many rows in all as the largest stage has codewords,
 *   39 times as many or more for good ones; not changed
 * @returns the codebook, and a report with the error of every stage and warnings; a rejection with RvqError where an argument
 *   is wrong, or with the reason of `options.signal`
 */
export function train(vectors: TrainingVectors, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  return trainWith(inSteps(wasmKernels), vectors, options);
}
