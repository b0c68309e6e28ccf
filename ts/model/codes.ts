// Codes: which codeword each stage chose for each row.
import { type Bytes, type CodeArray, isUint8Array, isUint16Array } from './arrays.ts';
import { bitsPerStage, sum } from './codebook.ts';
import { type Codec, checkCodec } from './codec.ts';
import { badArgument, count, counted, RvqError } from './errors.ts';
import { integer } from './options.ts';

/** Codeword numbers, row-major: stage m of row i chose codeword `data[i * stages + m]`. */
export interface Codes {
  /** Uint8Array where every stage has at most 256 codewords, else Uint16Array. */
  readonly data: Uint8Array | Uint16Array;
  readonly rows: number;
  readonly stages: number;
  /** The id of the codebook that they index. */
  readonly codebookId: string;
}

/** An array for `length` codes of a codebook. */
export function createCodeArray(codewords: readonly number[], length: number): CodeArray {
  return Math.max(...codewords) <= 256 ? new Uint8Array(length) : new Uint16Array(length);
}

/**
 * The codes themselves, after a check that they belong to the codebook and that every one is a codeword of its stage.
 *
 * @param firstRow how many rows came before them, for errors
 */
export function checkCodes(codes: Codes, codebook: Codec, firstRow = 0): Codes {
  if (typeof codes !== 'object' || codes === null || !(isUint8Array(codes.data) || isUint16Array(codes.data))) {
    throw badArgument('codes', 'Codes, as encode or unpack makes them', codes);
  }
  integer('codes.rows', codes.rows, 0);
  if (typeof codes.codebookId !== 'string') throw badArgument('codes.codebookId', 'a string', codes.codebookId);
  if (codes.codebookId !== codebook.id) {
    throw new RvqError('CODEBOOK_MISMATCH', 'codes', `made with codebook ${codes.codebookId}, not with the one given, ${codebook.id}`);
  }
  const { codewords } = codebook;
  const stages = codewords.length;
  if (codes.stages !== stages) throw badArgument('codes.stages', `${stages}, as the codebook has`, codes.stages);
  if (codes.data.length !== codes.rows * stages) {
    throw badArgument(
      'codes.data',
      `${counted(codes.rows, 'rows')} x ${counted(stages, 'stages')} = ${counted(codes.rows * stages, 'codes')}`,
      codes.data,
    );
  }
  const { data } = codes;
  for (let stage = 0; stage < stages; stage++) {
    const limit = codewords[stage];
    if (limit === (data.BYTES_PER_ELEMENT === 1 ? 256 : 65536)) continue;
    for (let i = stage, row = 0; i < data.length; i += stages, row++) {
      if (data[i] >= limit) {
        throw new RvqError(
          'CODE_OUT_OF_RANGE',
          'codes',
          `row ${count(firstRow + row)}, stage ${stage}: expected a codeword below ${count(limit)}, got ${data[i]}`,
        );
      }
    }
  }
  return codes;
}

/** Bytes of one packed row: the bits of all stages, rounded up to whole bytes. */
export function packedRowBytes(codewords: readonly number[]): number {
  return Math.ceil(sum(bitsPerStage(codewords)) / 8);
}

/**
 * Packs codes to ceil(log2(codewords)) bits a stage. A row is the little-endian number V = sum of code[m] << (bits of the stages before m),
 * in ceil(bits / 8) bytes; rows follow each other. It is the layout of faiss's ResidualQuantizer.
 */
export function pack(codes: Codes, codebook: Codec): Bytes {
  checkCodec(codebook);
  checkCodes(codes, codebook);
  const bits = bitsPerStage(codebook.codewords);
  const rowBytes = packedRowBytes(codebook.codewords);
  const bytes = new Uint8Array(codes.rows * rowBytes);
  for (let row = 0; row < codes.rows; row++) {
    let at = row * rowBytes;
    let window = 0; // bits not yet written, lowest first; at most 7 + 16 of them
    let held = 0;
    for (let stage = 0; stage < codes.stages; stage++) {
      window |= codes.data[row * codes.stages + stage] << held;
      held += bits[stage];
      for (; held >= 8; held -= 8, window >>>= 8) bytes[at++] = window & 0xff;
    }
    if (held > 0) bytes[at] = window;
  }
  return bytes;
}

/**
 * Reads packed codes back: the inverse of `pack`.
 *
 * @param bytes rows x ceil(bits / 8) bytes
 * @param rows how many rows they hold
 * @throws RvqError where the length does not fit, or a code exceeds its stage's codewords
 */
export function unpack(bytes: Uint8Array, codebook: Codec, rows: number): Codes {
  checkCodec(codebook);
  if (!isUint8Array(bytes)) throw badArgument('bytes', 'a Uint8Array', bytes);
  integer('rows', rows, 0);
  const { codewords } = codebook;
  const rowBytes = packedRowBytes(codewords);
  if (bytes.length !== rows * rowBytes) {
    throw badArgument('bytes', `${counted(rows, 'rows')} x ${rowBytes} bytes = ${counted(rows * rowBytes, 'bytes')}`, bytes);
  }
  const data = unpackRows(bytes, codewords, rows);
  return checkCodes({ data, rows, stages: codewords.length, codebookId: codebook.id }, codebook);
}

/**
 * The codes in packed rows, which may exceed their stage's codewords.
 *
 * @param rowBytes from one row's first byte to the next's, where more lies between them than a row's codes
 */
export function unpackRows(bytes: Uint8Array, codewords: readonly number[], rows: number, rowBytes = packedRowBytes(codewords)): CodeArray {
  const bits = bitsPerStage(codewords);
  const stages = codewords.length;
  const data = createCodeArray(codewords, rows * stages);
  for (let row = 0; row < rows; row++) {
    let at = row * rowBytes;
    let window = 0;
    let held = 0;
    for (let stage = 0; stage < stages; stage++) {
      for (; held < bits[stage]; held += 8) window |= bytes[at++] << held;
      data[row * stages + stage] = window & ((1 << bits[stage]) - 1);
      window >>>= bits[stage];
      held -= bits[stage];
    }
  }
  return data;
}
