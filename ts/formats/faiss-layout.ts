// What a faiss index says of itself: the fields of IxRq (IndexResidualQuantizer) and IxPR (IndexProductResidualQuantizer), all
// little-endian. Source: faiss/impl/index_read.cpp of faiss 1.15.1. docs/format.md lists the fields.
import { MAX_CODEWORDS, MAX_STAGES, sum } from '../model/codebook.ts';
import { count, counted } from '../model/errors.ts';
import { MAX_DIM } from '../model/matrix.ts';
import { badFile, quote } from './check.ts';
import { type Fields, fieldsOf } from './fields.ts';

/** The two kinds of index that hold a codebook of stages and codes made with it, by their first four bytes. */
export const FAISS_TYPES = { IxRq: 'IndexResidualQuantizer', IxPR: 'IndexProductResidualQuantizer' } as const;

export type FaissType = keyof typeof FAISS_TYPES;

/** Kinds that people have, to be refused by name with the way out. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  IxRQ: 'an IndexResidualQuantizer of a faiss before 1.7.2: read it with a newer one and write it again',
  IwRQ: 'an IndexIVFResidualQuantizer, whose codes are of residuals of coarse centroids',
  IwPR: 'an IndexIVFProductResidualQuantizer, whose codes are of residuals of coarse centroids',
  IRfs: 'an IndexResidualQuantizerFastScan, whose codes lie in blocks for SIMD',
  IPRf: 'an IndexProductResidualQuantizerFastScan, whose codes lie in blocks for SIMD',
  ImRQ: 'a ResidualCoarseQuantizer, which holds no codes',
  IxLS: 'an IndexLocalSearchQuantizer, whose codewords are no residuals of each other',
  IxPL: 'an IndexProductLocalSearchQuantizer, whose codewords are no residuals of each other',
  IxPT: 'an IndexPreTransform: write its .index alone, for transformed vectors',
  IxMp: 'an IndexIDMap: write its .index alone, and its ids beside it',
  IxM2: 'an IndexIDMap2: write its .index alone, and its ids beside it',
  IxRF: 'an IndexRefine: write its .base_index alone',
  IxPq: 'an IndexPQ, a product quantizer',
  IxSQ: 'an IndexScalarQuantizer',
  IxF2: 'an IndexFlatL2, which holds vectors and no codebook',
  IxFI: 'an IndexFlatIP, which holds vectors and no codebook',
  IxFl: 'an IndexFlat, which holds vectors and no codebook',
};

/** How a search compares a query with a code, and the bits of a norm that lie behind each row's codes for it; by faiss's numbers. */
const SEARCH_TYPES = [
  { name: 'decompress', normBits: 0 },
  { name: 'LUT_nonorm', normBits: 0 },
  { name: 'norm_from_LUT', normBits: 0 },
  { name: 'norm_float', normBits: 32 },
  { name: 'norm_qint8', normBits: 8 },
  { name: 'norm_qint4', normBits: 4 },
  { name: 'norm_cqint8', normBits: 8, centroids: true },
  { name: 'norm_cqint4', normBits: 4, centroids: true },
  { name: 'norm_lsq2x4', normBits: 8, centroids: true, tables: true },
  { name: 'norm_rq2x4', normBits: 8, centroids: true, tables: true },
] as const;

/** The codewords of one residual quantizer as they lie in the file, and where the floats of them begin. */
interface Quantizer {
  readonly dim: number;
  readonly bits: readonly number[];
  readonly normBits: number;
  readonly search: string;
  /** float32, stage after stage, row-major: 2^bits x dim each. */
  readonly codewords: Uint8Array;
  readonly at: number;
}

export interface FaissIndex extends Quantizer {
  readonly type: FaissType;
  readonly rows: number;
  readonly metric: 'l2' | 'inner product';
  /** Into how many slices of equal width, `dim` of the codewords, rows are cut: 1 for IxRq. */
  readonly splits: number;
  /** The slice that each stage codes. */
  readonly slices: readonly number[];
  /** Bytes of one row's codes, with its norm. */
  readonly rowBytes: number;
  /** Packed codes, `rows * rowBytes`. */
  readonly codes: Uint8Array;
}

/** Reads and checks all fields; what the codewords and codes hold is not looked at. */
export function parseFaissLayout(bytes: Uint8Array, name: string): FaissIndex {
  const fields = fieldsOf(bytes, name);
  const type = checkType(fields, name);
  const dim = fields.int32('d');
  if (dim < 1 || dim > MAX_DIM) throw badFile(name, fields.at - 4, `d from 1 to ${count(MAX_DIM)}`, String(dim));
  const rows = fields.size('ntotal', Number.MAX_SAFE_INTEGER);
  fields.skip('two unused fields', 16);
  checkTrained(fields, name);
  const metric = fields.int32('metric_type');
  if (metric !== 0 && metric !== 1) throw badFile(name, fields.at - 4, 'metric_type 1 (L2) or 0 (inner product)', String(metric));
  const { slices, splits, ...quantizer } = type === 'IxRq' ? readSingle(fields, name, dim) : readProduct(fields, name, dim);
  const rowBytes = Math.ceil((sum(quantizer.bits) + quantizer.normBits) / 8);
  if (rowBytes === 0) throw badFile(name, quantizer.at, 'codes of at least one bit', 'stages of one codeword each');
  expectSize(fields, name, 'code_size', rowBytes);
  expectSize(fields, name, 'the length of the codes', rows * rowBytes);
  const codes = fields.bytes('codes', rows * rowBytes);
  fields.end();
  return { ...quantizer, type, rows, metric: metric === 1 ? 'l2' : 'inner product', splits, slices, rowBytes, codes };
}

function checkType(fields: Fields, name: string): FaissType {
  const type = String.fromCharCode(...fields.bytes('the type of a faiss index', 4));
  if (type === 'IxRq' || type === 'IxPR') return type;
  const expected = '"IxRq" (IndexResidualQuantizer) or "IxPR" (IndexProductResidualQuantizer)';
  const other = Object.hasOwn(OTHER_TYPES, type) ? ` (${OTHER_TYPES[type]})` : '';
  throw badFile(name, 0, expected, `${quote(type)}${other}`);
}

function checkTrained(fields: Fields, name: string): void {
  const trained = fields.byte('is_trained');
  if (trained !== 1) throw badFile(name, fields.at - 1, 'a trained index, is_trained 1', String(trained));
}

function expectSize(fields: Fields, name: string, what: string, expected: number): void {
  const size = fields.size(what, Number.MAX_SAFE_INTEGER);
  if (size !== expected) throw badFile(name, fields.at - 8, `${what} ${count(expected)}`, count(size));
}

/** The part that all additive quantizers have. `width` is that of their codewords, where it is not their d. */
function readAdditive(fields: Fields, name: string, dim: number, width?: number): Quantizer {
  expectSize(fields, name, 'd of the quantizer', dim);
  const stages = fields.size('M', MAX_STAGES);
  if (stages === 0) throw badFile(name, fields.at - 8, `M from 1 to ${count(MAX_STAGES)}`, '0');
  expectSize(fields, name, 'the length of nbits', stages);
  const bits = Array.from({ length: stages }, () => fields.size('nbits of a stage', Math.log2(MAX_CODEWORDS)));
  checkTrained(fields, name);
  const all = sum(bits.map((b) => 2 ** b));
  const length = fields.size('the length of the codebooks', Number.MAX_SAFE_INTEGER);
  // A product quantizer's says its d, yet its codewords are as wide as a slice.
  const wide = width ?? length / all;
  if (!Number.isInteger(wide) || wide < 1 || wide > dim || length !== all * wide) {
    throw badFile(
      name,
      fields.at - 8,
      `${counted(all, 'codewords')} x ${count(width ?? dim)} = ${counted(all * (width ?? dim), 'values')}`,
      count(length),
    );
  }
  const at = fields.at;
  const codewords = fields.bytes('codebooks', 4 * length);
  const type = fields.int32('search_type');
  if (type < 0 || type >= SEARCH_TYPES.length) throw badFile(name, fields.at - 4, `search_type 0 to ${SEARCH_TYPES.length - 1}`, String(type));
  const search = SEARCH_TYPES[type];
  fields.skip('norm_min and norm_max', 8);
  if ('centroids' in search) fields.skip('norms of centroids', 4 * fields.size('the number of centroids of norms', 2 ** 32));
  if ('tables' in search) fields.skip('tables of norms', 4 * fields.size('the length of the tables of norms', 2 ** 32));
  return { dim: wide, bits, normBits: search.normBits, search: search.name, codewords, at };
}

interface Sliced extends Quantizer {
  readonly splits: number;
  readonly slices: readonly number[];
}

function readSingle(fields: Fields, name: string, dim: number): Sliced {
  const quantizer = readResidual(fields, name, dim);
  return { ...quantizer, splits: 1, slices: quantizer.bits.map(() => 0) };
}

function readResidual(fields: Fields, name: string, dim: number): Quantizer {
  const quantizer = readAdditive(fields, name, dim, dim);
  fields.skip('train_type and max_beam_size', 8);
  return quantizer;
}

/** A residual quantizer for each slice of the rows. The parts are there twice: together, and then one by one. */
function readProduct(fields: Fields, name: string, dim: number): Sliced {
  const quantizer = readAdditive(fields, name, dim);
  const splits = fields.size('nsplits', MAX_STAGES);
  if (splits === 0 || splits * quantizer.dim !== dim) {
    throw badFile(name, fields.at - 8, `nsplits ${count(dim / quantizer.dim)}, as d and the codebooks have`, String(splits));
  }
  const slices: number[] = [];
  let at = 0;
  for (let split = 0; split < splits; split++) {
    const part = readResidual(fields, name, quantizer.dim);
    const bits = quantizer.bits.slice(slices.length, slices.length + part.bits.length);
    const codewords = quantizer.codewords.subarray(at, at + part.codewords.length);
    if (bits.join() !== part.bits.join() || !sameBytes(codewords, part.codewords)) {
      throw badFile(name, part.at, `the stages of slice ${split} as they were before`, 'others');
    }
    for (const _ of bits) slices.push(split);
    at += codewords.length;
  }
  if (slices.length !== quantizer.bits.length) throw badFile(name, fields.at, `${quantizer.bits.length} stages in all slices`, String(slices.length));
  return { ...quantizer, splits, slices };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
