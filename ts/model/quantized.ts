// One row quantized, every stage shown: what quantize takes and returns, whichever engine found the indices.
import { type Floats, isFloat32Array } from './arrays.ts';
import { type Codebook, checkCodebook, stageCodewords } from './codebook.ts';
import { badArgument, badValue, count, counted, RvqError } from './errors.ts';
import { firstNotFinite, type Matrix } from './matrix.ts';

/** How one row is put together of codewords. All arrays are copies, yours to change. */
export interface Quantized {
  /** The codeword number that each stage chose. */
  readonly indices: number[];
  /** The codeword that each stage chose. */
  readonly codewords: Floats[];
  /** The sum of the codewords, as decode gives it. */
  readonly reconstruction: Floats;
  /** What is left after the last stage; infinite where float32 cannot hold a difference. */
  readonly residual: Floats;
  /** What is left after each stage. */
  readonly residuals: Floats[];
}

/** Checks the arguments of quantize and copies the vector: a matrix of one row, rounded to float32. */
export function readVector(codebook: Codebook, vector: Float32Array | readonly number[]): Matrix {
  checkCodebook(codebook);
  if (!isFloat32Array(vector) && !Array.isArray(vector)) throw badArgument('vector', 'a Float32Array or an array of numbers', vector);
  const { dim } = codebook;
  if (vector.length !== dim) {
    throw new RvqError('DIM_MISMATCH', 'vector', `expected ${counted(dim, 'values')}, as the codebook has, got ${count(vector.length)}`);
  }
  const data = new Float32Array(dim);
  for (let j = 0; j < dim; j++) {
    const value: unknown = vector[j];
    if (typeof value !== 'number') throw badValue('vector', `element ${j}`, 'a number', value);
    data[j] = value;
  }
  const bad = firstNotFinite(data);
  if (bad >= 0) throw badValue('vector', `element ${bad}`, 'a finite float32', vector[bad], 'NOT_FINITE');
  return { data, rows: 1, dim };
}

/** Follows a row through the stages, given the codewords chosen for it (`indices`, one a stage). */
export function explain(codebook: Codebook, { data: vector }: Matrix, indices: ArrayLike<number>): Quantized {
  const { dim } = codebook;
  const codewords: Floats[] = [];
  const residuals: Floats[] = [];
  const reconstruction = new Float32Array(dim);
  let before: Float32Array = vector;
  for (let stage = 0; stage < codebook.codewords.length; stage++) {
    const start = indices[stage] * dim;
    const codeword = Float32Array.from(stageCodewords(codebook, stage).data.subarray(start, start + dim));
    const residual = new Float32Array(dim);
    for (let j = 0; j < dim; j++) {
      residual[j] = before[j] - codeword[j];
      reconstruction[j] = stage === 0 ? codeword[j] : reconstruction[j] + codeword[j];
    }
    codewords.push(codeword);
    residuals.push(residual);
    before = residual;
  }
  const bad = firstNotFinite(reconstruction);
  if (bad >= 0) throw new RvqError('NOT_FINITE', 'vector', `the sum of its codewords is too large for float32 at element ${bad}`);
  return { indices: Array.from(indices), codewords, reconstruction, residual: Float32Array.from(before), residuals };
}
