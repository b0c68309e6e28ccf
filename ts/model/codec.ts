// The codec: codebooks between linear projections, as neural audio codecs quantize with. A plain one is a Codebook.
import { isFloat32Array } from './arrays.ts';
import { type Codebook, checkCodebook } from './codebook.ts';
import { badArgument, badValue, count, counted } from './errors.ts';
import { identity } from './fingerprint.ts';
import { firstNotFinite, MAX_DIM } from './matrix.ts';
import { integer } from './options.ts';

/** A linear map of rows of `from` values to rows of `to`: value i of the result is bias[i] plus the sum over j of weight[i * from + j] * x[j]. */
export interface Projection {
  readonly from: number;
  readonly to: number;
  /** `to` x `from` values, row-major. */
  readonly weight: Float32Array;
  /** `to` values. */
  readonly bias?: Float32Array | undefined;
}

/** One or more stages that code what `input` makes of a row; `output` makes of the sum of their codewords what is taken off the row. */
export interface CodecPart {
  /** From the dim of the codec around it to that of its own. Without it they are the same. */
  readonly input?: Projection | undefined;
  /**
   * How a codeword is chosen. `cosine`: row and codewords are divided by their norms before they are compared; what is added up are the
   * codewords as the codebook has them. A part with it is a codebook of one stage.
   */
  readonly metric: 'euclidean' | 'cosine';
  readonly codec: Codec;
  /** The way back. */
  readonly output?: Projection | undefined;
}

/**
 * What a neural codec quantizes with. Every group codes the row itself, and what they decode to is added; within a group each part codes what
 * the parts before it have left.
 */
export interface ProjectedCodec {
  readonly dim: number;
  /** Codewords a stage, group after group, part after part. */
  readonly codewords: readonly number[];
  readonly groups: readonly (readonly CodecPart[])[];
  /** 32 hexadecimal digits of a hash of everything: other weights, other id. */
  readonly id: string;
}

/** What rows can be encoded with. Plain data: a Codebook, or codebooks between projections. Both have `dim`, `codewords` and `id`. */
export type Codec = Codebook | ProjectedCodec;

/** Whether there is nothing to it but codewords, and the nearest is chosen. */
export function isCodebook(codec: Codec): codec is Codebook {
  return !('groups' in codec);
}

/** Makes a codec of its parts, which must fit each other. */
export function projectedCodec(dim: number, groups: readonly (readonly CodecPart[])[]): ProjectedCodec {
  const codewords = Object.freeze(codewordsOf(groups));
  const frozen = Object.freeze(groups.map((parts) => Object.freeze(parts.map(freezePart))));
  return Object.freeze({ dim, codewords, groups: frozen, id: codecId(dim, frozen) });
}

const checked = new WeakSet<object>();

/** The codec itself, after a check of its shape and values (once for each object). */
export function checkCodec(value: Codec, subject = 'codebook'): Codec {
  if (typeof value !== 'object' || value === null || isCodebook(value)) return checkCodebook(value, subject);
  if (checked.has(value)) return value;
  const { dim, groups, codewords, id } = value;
  integer(`${subject}.dim`, dim, 1, MAX_DIM);
  if (typeof id !== 'string') throw badArgument(`${subject}.id`, 'a string', id);
  checkList(`${subject}.groups`, groups);
  groups.forEach((parts, g) => {
    checkList(`${subject}.groups[${g}]`, parts);
    parts.forEach((part, p) => {
      checkPart(`${subject}.groups[${g}][${p}]`, part, dim);
    });
  });
  const expected = codewordsOf(groups);
  if (!Array.isArray(codewords) || codewords.join() !== expected.join()) throw badArgument(`${subject}.codewords`, `${expected}`, codewords);
  if (isFrozen(value)) checked.add(value);
  return value;
}

function codewordsOf(groups: ProjectedCodec['groups']): number[] {
  return groups.flat().flatMap(({ codec }) => codec.codewords);
}

function checkList(subject: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw badArgument(subject, 'an array of at least one', value);
}

function checkPart(subject: string, part: CodecPart, dim: number): void {
  if (typeof part !== 'object' || part === null) throw badArgument(subject, 'a part of a codec', part);
  const { metric, input, output } = part;
  const codec = checkCodec(part.codec, `${subject}.codec`);
  if (metric !== 'euclidean' && metric !== 'cosine') throw badArgument(`${subject}.metric`, "'euclidean' or 'cosine'", metric);
  if (metric === 'cosine' && !(isCodebook(codec) && codec.codewords.length === 1))
    throw badArgument(`${subject}.codec`, 'a Codebook of one stage', codec);
  checkProjection(`${subject}.input`, input, { from: dim, to: codec.dim });
  checkProjection(`${subject}.output`, output, { from: codec.dim, to: dim });
}

function checkProjection(subject: string, projection: Projection | undefined, { from, to }: { from: number; to: number }): void {
  if (projection === undefined && from === to) return;
  if (typeof projection !== 'object' || projection === null || projection.from !== from || projection.to !== to) {
    throw badArgument(subject, `a projection from ${count(from)} to ${counted(to, 'values')}`, projection);
  }
  checkValues(`${subject}.weight`, projection.weight, from * to);
  if (projection.bias !== undefined) checkValues(`${subject}.bias`, projection.bias, to);
}

function checkValues(subject: string, values: Float32Array, length: number): void {
  if (!isFloat32Array(values) || values.length !== length) throw badArgument(subject, `a Float32Array of ${count(length)}`, values);
  const bad = firstNotFinite(values);
  if (bad >= 0) throw badValue(subject, `element ${count(bad)}`, 'a finite float32', values[bad], 'NOT_FINITE');
}

function freezePart({ input, metric, codec, output }: CodecPart): CodecPart {
  const frozen = (projection: Projection | undefined): Projection | undefined => projection && Object.freeze({ ...projection });
  return Object.freeze({ input: frozen(input), metric, codec, output: frozen(output) });
}

/** Whether nothing in it can be replaced. The values of arrays always can: that they are not is a promise. */
function isFrozen(codec: ProjectedCodec): boolean {
  const parts = codec.groups.flat();
  const held = parts.flatMap((part) => [part, part.input, part.output, part.codec, part.codec.codewords]); // what is undefined counts as frozen
  const nested = parts.map((part) => part.codec).filter((inner): inner is ProjectedCodec => !isCodebook(inner));
  return [codec, codec.codewords, codec.groups, ...codec.groups, ...held].every(Object.isFrozen) && nested.every(isFrozen);
}

/**
 * Over, as unsigned 32-bit: dim and the number of groups; for each group the number of its parts; for each part whether its metric is cosine
 * (1) or not (0), its input, the id of its codec as 32 ASCII digits, its output. A projection is whether it is there and has a bias (0, 1 or 2), and
 * where it is there from, to, and then the values of weight and bias.
 */
function codecId(dim: number, groups: ProjectedCodec['groups']): string {
  const parts: (Uint8Array | Uint32Array | Float32Array)[] = [Uint32Array.of(dim, groups.length)];
  const add = (projection: Projection | undefined): void => {
    if (projection === undefined) {
      parts.push(Uint32Array.of(0));
      return;
    }
    const { from, to, weight, bias } = projection;
    parts.push(Uint32Array.of(bias === undefined ? 1 : 2, from, to), weight, bias ?? new Float32Array(0));
  };
  for (const group of groups) {
    parts.push(Uint32Array.of(group.length));
    for (const { metric, input, codec, output } of group) {
      parts.push(Uint32Array.of(metric === 'cosine' ? 1 : 0));
      add(input);
      parts.push(Uint8Array.from(codec.id, (digit) => digit.charCodeAt(0)));
      add(output);
    }
  }
  return identity('residual-vq codec', parts);
}
