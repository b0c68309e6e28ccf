// Decode: codes to rows, block by block through the core.
import { decodeCodec } from './codec/decode.ts';
import type { CodecDecoder } from './codec/engine.ts';
import { codebookHandle } from './engine/codebooks.ts';
import { withMemory } from './engine/memory.ts';
import { project } from './engine/project.ts';
import { floatsToWrite } from './model/arrays.ts';
import { blockRows, forEachBlock } from './model/blocks.ts';
import type { Codebook } from './model/codebook.ts';
import { type Codec, isCodebook } from './model/codec.ts';
import type { Codes } from './model/codes.ts';
import type { DecodedMatrix } from './model/matrix.ts';
import { checkDecoded } from './model/overflow.ts';
import { checkDecode, type DecodeOptions } from './model/requests.ts';

/**
 * Rebuilds rows from their codes: the first stage's codeword, then the others added in their order, each sum rounded to float32. With a codec
 * through its projections.
 *
 * @param options `stages`: only the first so many stages, for a coarser row
 * @throws RvqError `CODEBOOK_MISMATCH`, `CODE_OUT_OF_RANGE`, `NOT_FINITE` where codewords add up to more than float32 holds, or what is wrong
 *   with an argument
 */
export function decode(codebook: Codec, codes: Codes, options?: DecodeOptions): DecodedMatrix {
  return checkDecoded(decodeRows(codebook, codes, checkDecode(codebook, codes, options)), codebook);
}

/** As decode, with arguments that were checked. */
export function decodeRows(codec: Codec, codes: Codes, { stages }: { stages: number }): DecodedMatrix {
  return isCodebook(codec) ? decodeBlocks(codec, codes, stages) : decodeCodec(coreDecoder, codec, codes, stages);
}

/** The core, as codecs need it to give back rows. */
export const coreDecoder: CodecDecoder = { decode: (codec, codes, stages) => decodeRows(codec, codes, { stages }).data, project };

function decodeBlocks(codebook: Codebook, codes: Codes, prefix: number): DecodedMatrix {
  const { dim } = codebook;
  const { rows, stages, data: given } = codes;
  const data = floatsToWrite(rows * dim);
  withMemory((scope) => {
    const { core } = scope;
    const handle = codebookHandle(scope, codebook);
    const block = Math.min(rows, blockRows(dim));
    const rowsAt = scope.reserve(block * dim * 4);
    const codesAt = scope.reserve(block * stages * given.BYTES_PER_ELEMENT);
    forEachBlock(rows, dim, (start, end) => {
      scope.copyIn(given.subarray(start * stages, end * stages), codesAt);
      core.decode(handle, codesAt, given.BYTES_PER_ELEMENT, end - start, prefix, rowsAt);
      scope.copyOut(rowsAt, data.subarray(start * dim, end * dim));
    });
  });
  return { data, rows, dim };
}
