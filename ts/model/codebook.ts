// The codebook: the codewords of all stages.
import { isFloat32Array } from './arrays.ts';
import { badArgument, count, counted, RvqError } from './errors.ts';
import { identity } from './fingerprint.ts';
import { firstNotFinite, MAX_DIM, type Matrix, notFinite } from './matrix.ts';
import { integer, isPlain, readOptions } from './options.ts';
import { createRandom } from './random.ts';

/**
 * The codewords of every stage. `data` holds stage after stage, row-major within one: float j of codeword k of stage m
 * is `data[(offset[m] + k) * dim + j]`, where `offset[m]` is the sum of `codewords[0..m-1]`.
 */
export interface Codebook {
  readonly data: Float32Array;
  readonly dim: number;
  /** Codewords a stage, 1 to 65,536 each. */
  readonly codewords: readonly number[];
  /** 32 hexadecimal digits of a SHA-256 of shape and data: other bytes, other id. */
  readonly id: string;
}

/** The most codewords of one stage: a code is at most 16 bits. */
export const MAX_CODEWORDS = 65536;

/** The most values of a codebook: what WebAssembly memory can hold of it, packed besides. */
export const MAX_VALUES = 2 ** 28;

/** The most stages: sums over more could leave the integers of beam search. */
export const MAX_STAGES = 1000;

/**
 * Makes a Codebook of codewords that you have. The data is copied.
 *
 * @param data stage after stage, each stage's codewords row-major: the sum of `codewords` times `dim` floats
 * @param shape `dim` (1 to 4,096) and `codewords`, the number of codewords of each stage (1 to 65,536)
 * @throws RvqError `INVALID_ARGUMENT` where data and shape disagree, `NOT_FINITE` with the codeword that is not
 */
export function codebook(data: Float32Array, shape: { dim: number; codewords: readonly number[] }): Codebook {
  if (!isFloat32Array(data)) throw badArgument('data', 'a Float32Array', data);
  if (!isPlain(shape)) throw badArgument('shape', 'a plain object with dim, codewords', shape);
  const { dim, codewords: given } = checkShape('shape.', 'data', readOptions('codebook', shape, ['dim', 'codewords']), data);
  const bad = firstNotFinite(data);
  if (bad >= 0) throw notFinite('data', data, bad, dim);
  const copy = Float32Array.from(data);
  const codewords = Object.freeze([...given]);
  return Object.freeze({ data: copy, dim, codewords, id: codebookId(copy, dim, codewords) });
}

/**
 * A codebook of standard normal values, the same for the same seed everywhere.
 *
 * @param options `dim`; `stages`; `codewords`, a number or one a stage; `seed`, an integer from 0 to 2^32 - 1
 */
export function randomCodebook(options: { dim: number; stages: number; codewords: number | readonly number[]; seed: number }): Codebook {
  const given = readOptions('randomCodebook', options, ['dim', 'stages', 'codewords', 'seed']);
  const dim = integer('randomCodebook option dim', given.dim, 1, MAX_DIM);
  const codewords = codewordsPerStage('randomCodebook', given.stages, given.codewords);
  const random = createRandom(checkSeed('randomCodebook', given.seed));
  const values = sum(codewords) * dim;
  if (values > MAX_VALUES) throw badArgument('randomCodebook option codewords', `at most ${counted(MAX_VALUES, 'values')} in all`, values);
  const data = Float32Array.from({ length: sum(codewords) * dim }, () => random.normal());
  return codebook(data, { dim, codewords });
}

const checked = new WeakSet<object>();

/** The codebook itself, after a check of its shape and values (once for each object). */
export function checkCodebook(value: Codebook, subject = 'codebook'): Codebook {
  if (typeof value === 'object' && value !== null && 'groups' in value) {
    throw new RvqError(
      'UNSUPPORTED',
      subject,
      'expected a Codebook, got a codec with projections, which only encode, decode, evaluate, pack and unpack take',
    );
  }
  if (typeof value !== 'object' || value === null || !isFloat32Array(value.data) || 'rows' in value) {
    throw badArgument(subject, 'a Codebook, as train or codebook(data, shape) makes one', value);
  }
  if (checked.has(value)) return value;
  if (typeof value.id !== 'string') throw badArgument(`${subject}.id`, 'a string', value.id);
  checkShape(`${subject}.`, `${subject}.data`, value, value.data);
  const bad = firstNotFinite(value.data);
  if (bad >= 0) throw notFinite(`${subject}.data`, value.data, bad, value.dim);
  if (Object.isFrozen(value) && Object.isFrozen(value.codewords)) checked.add(value);
  return value;
}

/** The options `stages` and `codewords` (a number, or one a stage) of `verb` as the number of codewords of each stage. */
export function codewordsPerStage(verb: string, stages: unknown, codewords: unknown): number[] {
  const count = integer(`${verb} option stages`, stages, 1, MAX_STAGES);
  const subject = `${verb} option codewords`;
  if (!Array.isArray(codewords)) return new Array<number>(count).fill(integer(subject, codewords, 1, MAX_CODEWORDS));
  if (codewords.length !== count) throw badArgument(subject, `a number, or one for each of the ${count} stages`, codewords);
  return Array.from(codewords, (k, m) => integer(`${subject}[${m}]`, k, 1, MAX_CODEWORDS));
}

export function checkSeed(verb: string, seed: unknown): number {
  return integer(`${verb} option seed`, seed, 0, 0xffffffff);
}

/** For each stage the number of codewords before it, and at the end the number of all. */
export function stageOffsets(codewords: readonly number[]): number[] {
  const offsets = [0];
  for (const k of codewords) offsets.push(offsets[offsets.length - 1] + k);
  return offsets;
}

/** Stage `m` of a codebook as rows of a matrix, a view of its data. */
export function stageCodewords({ data, dim, codewords }: Codebook, stage: number): Matrix {
  const start = sum(codewords.slice(0, stage));
  return { data: data.subarray(start * dim, (start + codewords[stage]) * dim), rows: codewords[stage], dim };
}

/** Bits that a code of each stage needs: ceil(log2(codewords)). */
export function bitsPerStage(codewords: readonly number[]): number[] {
  return codewords.map((k) => 32 - Math.clz32(k - 1));
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

interface Shape {
  readonly dim: number;
  readonly codewords: readonly number[];
}

/** @param prefix of the names of the shape's parts; `subject` is that of the data */
function checkShape(prefix: string, subject: string, { dim: width, codewords }: Partial<Shape>, data: Float32Array): Shape {
  const dim = integer(`${prefix}dim`, width, 1, MAX_DIM);
  if (!Array.isArray(codewords) || codewords.length === 0) {
    throw badArgument(`${prefix}codewords`, 'an array with the number of codewords of each stage', codewords);
  }
  integer(`${prefix}codewords.length`, codewords.length, 1, MAX_STAGES);
  for (const [m, k] of codewords.entries()) integer(`${prefix}codewords[${m}]`, k, 1, MAX_CODEWORDS);
  const all = sum(codewords);
  if (data.length !== all * dim) {
    throw badArgument(subject, `${counted(all, 'codewords')} x dim ${count(dim)} = ${counted(all * dim, 'values')}`, data);
  }
  return { dim, codewords };
}

/** Over dim, the number of stages and the codewords of each as unsigned 32-bit, then the values as float32: docs/format.md. */
function codebookId(data: Float32Array, dim: number, codewords: readonly number[]): string {
  return identity('residual-vq codebook', [Uint32Array.of(dim, codewords.length, ...codewords), data]);
}
