// Projections out of a checkpoint: weights as they are or in the two forms of weight norm, with or without bias.
import type { Floats } from '../../model/arrays.ts';
import type { Projection } from '../../model/codec.ts';
import { count } from '../../model/errors.ts';
import { MAX_DIM } from '../../model/matrix.ts';
import { shapeText } from '../check.ts';
import { badTensor, type Checkpoint, floatsOf, needed, plainShape, type StoredTensor } from './weights.ts';

/** Weight norm keeps a weight as a length for each row (g) and rows of any length (v). */
const WEIGHT_NORM = [
  ['weight_g', 'weight_v'],
  ['parametrizations.weight.original0', 'parametrizations.weight.original1'],
];

/** The names of all tensors that a projection may have, within its scope. */
export const WEIGHT_PARTS: readonly string[] = ['weight', 'bias', ...WEIGHT_NORM.flat()];

/**
 * Reads a projection.
 *
 * @param scope such as `quantizer.layers.0.in_proj.`
 * @returns undefined where there is no tensor of it, unless `required`
 */
export function projectionOf(checkpoint: Checkpoint, scope: string, { required }: { required: boolean }): Projection | undefined {
  const there = WEIGHT_PARTS.some((part) => checkpoint.tensor(scope + part) !== undefined);
  if (!there && !required) return undefined;
  const normed = WEIGHT_NORM.find((parts) => parts.some((part) => checkpoint.tensor(scope + part) !== undefined));
  const tensor = needed(checkpoint, scope + (normed?.[1] ?? 'weight'), 'the weight of a projection');
  const [to, from] = matrixShape(tensor);
  const values = floatsOf(tensor);
  const weight = normed === undefined ? values : withLengths(tensor, values, needed(checkpoint, scope + normed[0], 'the lengths of weight norm'));
  const bias = checkpoint.tensor(`${scope}bias`);
  return { from, to, weight, bias: bias && valuesOf(bias, to, 'values, as the weight has rows') };
}

/** [to, from], from the shape [to, from] of a linear layer or [to, from, 1] of a convolution. */
function matrixShape(tensor: StoredTensor): [number, number] {
  const [to, from, ...others] = plainShape(tensor, 2);
  if (others.length > 0 || !(to >= 1 && to <= MAX_DIM) || !(from >= 1 && from <= MAX_DIM)) {
    throw badTensor(tensor, `shape [to, from] or [to, from, 1], each 1 to ${count(MAX_DIM)}`, `shape ${shapeText(tensor.shape)}`);
  }
  return [to, from];
}

function valuesOf(tensor: StoredTensor, length: number, what: string): Floats {
  const [size, ...others] = plainShape(tensor, 1);
  if (size !== length || others.length > 0) throw badTensor(tensor, `${count(length)} ${what}`, `shape ${shapeText(tensor.shape)}`);
  return floatsOf(tensor);
}

/** Rows brought to their lengths: g times v over the norm of v, in float64, rounded to float32 once. */
function withLengths(tensor: StoredTensor, rows: Floats, lengthsTensor: StoredTensor): Floats {
  const [to, from] = matrixShape(tensor);
  const lengths = valuesOf(lengthsTensor, to, 'lengths, one for each row of the weight');
  const weight = new Float32Array(rows.length);
  for (let row = 0; row < to; row++) {
    const values = rows.subarray(row * from, (row + 1) * from);
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (norm === 0) throw badTensor(tensor, 'rows that are not zero, as weight norm divides by their norms', `row ${row} of zeros`);
    weight.set(
      values.map((value) => (lengths[row] * value) / norm),
      row * from,
    );
  }
  return weight;
}
