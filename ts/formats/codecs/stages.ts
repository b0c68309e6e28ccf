// The codewords of a stage out of a checkpoint.
import type { Floats } from '../../model/arrays.ts';
import { MAX_CODEWORDS } from '../../model/codebook.ts';
import { count, counted } from '../../model/errors.ts';
import { MAX_DIM } from '../../model/matrix.ts';
import { quote, shapeText } from '../check.ts';
import type { StageList } from './layouts.ts';
import { badTensor, type Checkpoint, floatsOf, needed, type StoredTensor } from './weights.ts';

export interface Stage {
  readonly tensor: StoredTensor;
  readonly codewords: number;
  readonly dim: number;
  /** codewords x dim, row-major. */
  readonly data: Floats;
}

/** The rows that a codeword is the mean of are counted as at least so many: Mimi's epsilon, as the float32 that it is there. */
const LEAST_USAGE = Math.fround(1e-5);

export function stageOf(checkpoint: Checkpoint, { layout, scope }: StageList, stage: number): Stage {
  const tensor = needed(checkpoint, `${scope}${stage}.${layout.codewords}`, 'codewords');
  const { codewords, dim } = stageShape(tensor);
  const data = floatsOf(tensor);
  if (layout.usage !== undefined) divide(data, dim, tensor, needed(checkpoint, `${scope}${stage}.${layout.usage}`, 'the usage of codewords'));
  return { tensor, codewords, dim, data };
}

/** [codewords, dim], or that of the one head that vector-quantize-pytorch gives a residual quantizer, [1, codewords, dim]. */
function stageShape(tensor: StoredTensor): { codewords: number; dim: number } {
  const { shape } = tensor;
  const [codewords, dim, ...others] = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
  if (others.length > 0 || !(codewords >= 1 && codewords <= MAX_CODEWORDS) || !(dim >= 1 && dim <= MAX_DIM)) {
    const expected = `shape [codewords, dim] or [1, codewords, dim], 1 to ${counted(MAX_CODEWORDS, 'codewords')} of dim 1 to ${count(MAX_DIM)}`;
    throw badTensor(tensor, expected, `shape ${shapeText(shape)}`);
  }
  return { codewords, dim };
}

/** Sums become means: float32 divisions, as Mimi's are. */
function divide(sums: Floats, dim: number, tensor: StoredTensor, usageTensor: StoredTensor): void {
  const codewords = sums.length / dim;
  if (usageTensor.shape.length !== 1 || usageTensor.shape[0] !== codewords) {
    throw badTensor(usageTensor, `shape [${codewords}], as many as ${quote(tensor.name)} has codewords`, `shape ${shapeText(usageTensor.shape)}`);
  }
  const usage = floatsOf(usageTensor);
  for (let i = 0; i < sums.length; i++) {
    const sum = sums[i];
    sums[i] = sum / Math.max(usage[Math.floor(i / dim)], LEAST_USAGE);
    if (!Number.isFinite(sums[i])) throw badTensor(tensor, 'sums whose means are finite', `${sum} at element ${count(i)}`);
  }
}

/** How far from 1 the norm of a codeword may be that was divided by its norm: bfloat16 has 8 bits. */
const NORM_ROUNDING = 0.01;

/**
 * Whether stages in the layout of vector-quantize-pytorch compare by the cosine (its option use_cosine_sim), which no tensor says outright:
 * its codewords are then all of norm 1. Those of its first versions need not be, but have no embed_avg beside their cluster_size.
 */
export function comparesByCosine(checkpoint: Checkpoint, { layout, scope }: StageList, stages: readonly Stage[]): boolean {
  if (layout.codewords !== '_codebook.embed' || stages.some(({ tensor }) => tensor.shape.length !== 3)) return false;
  const has = (name: string) => stages.every((_, stage) => checkpoint.tensor(`${scope}${stage}._codebook.${name}`) !== undefined);
  if (has('cluster_size') && !has('embed_avg')) return true;
  return stages.every(({ data, dim }) => {
    for (let at = 0; at < data.length; at += dim) {
      const norm = Math.sqrt(data.subarray(at, at + dim).reduce((sum, value) => sum + value * value, 0));
      if (Math.abs(norm - 1) > NORM_ROUNDING) return false;
    }
    return true;
  });
}
