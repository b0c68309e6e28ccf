// Indexes of faiss that hold a codebook and codes: IndexResidualQuantizer, and IndexProductResidualQuantizer to read.
import type { Bytes } from '../model/arrays.ts';
import { bitsPerStage, type Codebook, checkCodebook, codebook, MAX_VALUES, sum } from '../model/codebook.ts';
import { type Codes, checkCodes, pack, packedRowBytes, unpackRows } from '../model/codes.ts';
import { badArgument, count, counted } from '../model/errors.ts';
import { readOptions } from '../model/options.ts';
import { allocateFloats, asciiBytes, floatsAt, joinPieces, littleEndianPieces, viewOf, withinMemory } from './bytes.ts';
import { badFile, fromFile } from './check.ts';
import { type FaissIndex, parseFaissLayout } from './faiss-layout.ts';
import { checkBytes, checkName, type NamedOptions } from './named.ts';

/** What a faiss index holds: a codebook, and the codes of the rows that were added, in their order. */
export interface FaissContents {
  readonly codebook: Codebook;
  readonly codes: Codes;
}

/**
 * Reads the bytes of a faiss index, as `faiss.write_index` writes an IndexResidualQuantizer or an IndexProductResidualQuantizer of any
 * search type. Norms that are kept for searching are left out: they follow from the codes. The slices of a product become stages whose
 * codewords are zero outside of their slice.
 *
 * @throws RvqError `BAD_FILE` with the byte, also for indexes of other kinds, which it names
 */
export function readFaissIndex(bytes: Uint8Array, options?: Partial<NamedOptions>): FaissContents {
  const { name = 'index.faissindex' } = readOptions('readFaissIndex', options, ['name']);
  return parseFaissIndex(checkBytes(bytes), checkName('readFaissIndex', name));
}

/**
 * The bytes of an IndexResidualQuantizer that `faiss.read_index` opens: metric L2, search type ST_decompress, max_beam_size 5.
 *
 * @throws RvqError where a stage's number of codewords is no power of two, or all have one codeword: faiss has no such stages
 */
export function writeFaissIndex(codebook: Codebook, codes: Codes): Bytes {
  return joinPieces(serializeFaissIndex(codebook, codes));
}

export function parseFaissIndex(bytes: Uint8Array, name: string): FaissContents {
  const index = parseFaissLayout(bytes, name);
  const codebook = faissCodebook(index, name);
  const { rows, rowBytes } = index;
  const stages = index.bits.length;
  const data = withinMemory(rows * stages, name, () => unpackRows(index.codes, codebook.codewords, rows, rowBytes));
  return { codebook, codes: { data, rows, stages, codebookId: codebook.id } };
}

/** The codebook alone. */
export function faissCodebook(index: FaissIndex, name: string): Codebook {
  const codewords = index.bits.map((bits) => 2 ** bits);
  const width = index.dim;
  const dim = index.splits * width;
  const all = sum(codewords);
  if (all * dim > MAX_VALUES) throw badFile(name, index.at, `a codebook of at most ${counted(MAX_VALUES, 'values')}`, count(all * dim));
  const read = floatsAt(index.codewords, 0, all * width);
  const data = index.splits === 1 ? read : spread(read, allocateFloats(all * dim, name), index, codewords);
  return fromFile(name, () => codebook(data, { dim, codewords }));
}

/** Puts the codewords of each slice where their slice lies in a row of zeros. */
function spread(read: Float32Array, rows: Float32Array, { splits, slices, dim: width }: FaissIndex, codewords: readonly number[]): Float32Array {
  let k = 0;
  codewords.forEach((size, stage) => {
    for (const end = k + size; k < end; k++) rows.set(read.subarray(k * width, (k + 1) * width), (k * splits + slices[stage]) * width);
  });
  return rows;
}

/** faiss's own default; it is what an `add` after reading encodes with. */
const MAX_BEAM_SIZE = 5;

/** faiss computes inner products of all pairs of codewords when it reads an index, unless train_type says not to. Search needs none. */
const SKIP_CODEBOOK_TABLES = 2048;

/** More of them than this, a quarter of a gigabyte, are skipped. */
const MAX_TABLE_VALUES = 2 ** 26;

/** The bytes of an IndexResidualQuantizer, piece by piece. */
export function serializeFaissIndex(codebook: Codebook, codes: Codes): Iterable<Uint8Array> {
  checkCodes(codes, checkCodebook(codebook));
  const { head, tail } = faissHeaders(codebook, codes.rows);
  return pieces(head, codebook.data, tail, pack(codes, codebook));
}

function* pieces(head: Uint8Array, data: Float32Array, tail: Uint8Array, packed: Uint8Array): Generator<Uint8Array> {
  yield head;
  yield* littleEndianPieces(data);
  yield tail;
  yield packed;
}

/** What lies before the codewords, and between them and the packed codes of `rows` rows. */
export function faissHeaders({ dim, data, codewords }: Codebook, rows: number): { head: Bytes; tail: Bytes } {
  const bits = bitsPerStage(codewords);
  codewords.forEach((size, stage) => {
    const power = 2 ** bits[stage];
    if (size === power) return;
    const way = `train with ${count(power)}, or repeat a codeword until there are so many: codes stay what they are`;
    throw badArgument(`codebook.codewords[${stage}]`, `a power of two, as all stages of a faiss index have (${way})`, size);
  });
  const rowBytes = packedRowBytes(codewords);
  if (rowBytes === 0) throw badArgument('codebook.codewords', 'a stage of two codewords or more, as a faiss index has', codewords);
  const head = fieldWriter();
  head
    .ascii('IxRq')
    .int32(dim)
    .size(rows)
    .size(2 ** 20)
    .size(2 ** 20)
    .byte(1)
    .int32(1); // two unused fields, trained, metric L2
  head.size(dim).size(bits.length).size(bits.length);
  for (const b of bits) head.size(b);
  head.byte(1).size(data.length);
  const tail = fieldWriter();
  tail.int32(0).float32(Number.NaN).float32(Number.NaN); // search_type ST_decompress, no norms
  tail.int32(tableValues(codewords) > MAX_TABLE_VALUES ? SKIP_CODEBOOK_TABLES : 0).int32(MAX_BEAM_SIZE);
  tail.size(rowBytes).size(rows * rowBytes);
  return { head: head.bytes(), tail: tail.bytes() };
}

/** Pairs of codewords of different stages. */
function tableValues(codewords: readonly number[]): number {
  const all = sum(codewords);
  return (all * all - sum(codewords.map((size) => size * size))) / 2;
}

/** Collects fields in little-endian order. */
function fieldWriter() {
  const parts: Uint8Array[] = [];
  const add = (length: number, write: (view: DataView) => void) => {
    const part = new Uint8Array(length);
    write(viewOf(part));
    parts.push(part);
    return writer;
  };
  const writer = {
    ascii(text: string) {
      parts.push(asciiBytes(text));
      return writer;
    },
    byte: (value: number) => add(1, (view) => view.setUint8(0, value)),
    int32: (value: number) => add(4, (view) => view.setInt32(0, value, true)),
    float32: (value: number) => add(4, (view) => view.setFloat32(0, value, true)),
    size: (value: number) => add(8, (view) => view.setBigUint64(0, BigInt(value), true)),
    bytes: () => joinPieces(parts),
  };
  return writer;
}
