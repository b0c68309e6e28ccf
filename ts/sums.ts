// Partial sums of a Lloyd iteration, in WebAssembly on the thread that asks.
import { wasmKernels } from './engine/kernels.ts';
import { createStageSums, type StageSums } from './kmeans/stage-sums.ts';
import type { Codebook } from './model/codebook.ts';

export { gridOf, type StageSum } from './kmeans/stage-sums.ts';

export function stageSums(codebook: Codebook, stage?: number): StageSums {
  return createStageSums(wasmKernels, codebook, stage);
}
