// Encode: rows to codes, block by block through the core.
import { encodeCodec } from './codec/encode.ts';
import { coreDecoder } from './decode.ts';
import { createEncoder } from './engine/encoder.ts';
import { type Scope, withMemory } from './engine/memory.ts';
import { blockRows, encodingRows, runsOf } from './model/blocks.ts';
import type { Codebook } from './model/codebook.ts';
import { type Codec, isCodebook } from './model/codec.ts';
import { type Codes, createCodeArray } from './model/codes.ts';
import { type Matrix, notFinite } from './model/matrix.ts';
import { checkEncode, type EncodeOptions, type EncodeRequest } from './model/requests.ts';

/**
 * Finds the codes of rows: stage after stage the codeword nearest to what the stages before have left, or with a beam the best of
 * several partial encodings. Exact: each code is the one that the definition gives, ties to the lowest number, the same on every machine.
 *
 * @param vectors rows of the codebook's dim, one at least; not changed
 * @throws RvqError `DIM_MISMATCH`, `NOT_FINITE` with row and element, or what is wrong with an argument
 */
export function encode(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Codes {
  return encodeRows(codebook, vectors, { ...checkEncode('encode', codebook, vectors, options), firstRow: 0, allRows: vectors.rows });
}

/** A block of encoded rows, which the core's memory holds until the next one. */
export interface EncodedBlock {
  /** The first row, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly rowsAt: number;
  readonly codesAt: number;
}

/** As encode, with arguments that were checked but for the values of the rows. */
export function encodeRows(codec: Codec, vectors: Matrix, request: EncodeRequest): Codes {
  if (isCodebook(codec)) return encodeBlocks(codec, vectors, request);
  const engine = { ...coreDecoder, encode: (part: Codec, rows: Matrix, firstRow: number) => encodeRows(part, rows, { ...request, firstRow }).data };
  return encodeCodec(engine, codec, vectors, request.firstRow);
}

/** @param follow makes what each block, of blockRows rows, is given to */
export function encodeBlocks(
  codebook: Codebook,
  vectors: Matrix,
  request: EncodeRequest,
  follow?: (scope: Scope) => (block: EncodedBlock) => void,
): Codes {
  const { dim, codewords, id } = codebook;
  const { data, rows } = vectors;
  const stages = codewords.length;
  const codes = createCodeArray(codewords, rows * stages);
  withMemory((scope) => {
    const encodeBlock = createEncoder(scope, codebook, request.allRows, request);
    const block = Math.min(rows, follow === undefined ? encodingRows(dim) : blockRows(dim));
    const rowsAt = scope.reserve(block * dim * 4);
    const codesAt = scope.reserve(block * stages * codes.BYTES_PER_ELEMENT);
    const take = follow?.(scope);
    for (const { start, end } of runsOf(rows, block)) {
      scope.copyIn(data.subarray(start * dim, end * dim), rowsAt);
      const bad = encodeBlock(rowsAt, end - start, codesAt, codes.BYTES_PER_ELEMENT);
      if (bad >= 0) throw notFinite('vectors', data, start * dim + bad, dim);
      scope.copyOut(codesAt, codes.subarray(start * stages, end * stages));
      take?.({ start, end, rowsAt, codesAt });
    }
  });
  return { data: codes, rows, stages, codebookId: id };
}
