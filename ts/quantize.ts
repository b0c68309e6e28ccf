// Quantize: one row, and what every stage made of it.
import { encode } from './encode.ts';
import type { Codebook } from './model/codebook.ts';
import { explain, type Quantized, readVector } from './model/quantized.ts';

/**
 * Quantizes one row and shows each stage: the codeword it chose and what was left after it.
 *
 * @param vector as many numbers as the codebook's dim; not changed
 * @throws RvqError `DIM_MISMATCH`, `NOT_FINITE` also where codewords add up to more than float32 holds, or what is wrong with an argument
 */
export function quantize(codebook: Codebook, vector: Float32Array | readonly number[]): Quantized {
  const row = readVector(codebook, vector);
  return explain(codebook, row, encode(codebook, row).data);
}
