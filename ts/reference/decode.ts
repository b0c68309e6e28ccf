// Decode: the sum of the codewords that the codes name.
import { project } from '../codec/arithmetic.ts';
import { decodeCodec } from '../codec/decode.ts';
import type { CodecDecoder } from '../codec/engine.ts';
import { type Codebook, stageCodewords } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import type { DecodedMatrix } from '../model/matrix.ts';
import { checkDecoded } from '../model/overflow.ts';
import { checkDecode, type DecodeOptions } from '../model/requests.ts';

/**
 * Rebuilds rows from their codes: the first stage's codeword as it is, then the others added in their order, each sum rounded to float32.
 *
 * @param options `stages`: only the first so many stages, for a coarser row
 * @throws RvqError `CODEBOOK_MISMATCH`, `CODE_OUT_OF_RANGE`, `NOT_FINITE` where codewords add up to more than float32 holds, or what is wrong
 *   with an argument
 */
export function decode(codebook: Codec, codes: Codes, options?: DecodeOptions): DecodedMatrix {
  return checkDecoded(decodeRows(codebook, codes, checkDecode(codebook, codes, options)), codebook);
}

/** The reference, as codecs need it to give back rows. */
export const referenceDecoder: CodecDecoder = { decode: (codec, codes, stages) => decodeRows(codec, codes, { stages }).data, project };

/** As decode, with arguments that were checked. */
export function decodeRows(codec: Codec, codes: Codes, { stages }: { stages: number }): DecodedMatrix {
  return isCodebook(codec) ? sumCodewords(codec, codes, stages) : decodeCodec(referenceDecoder, codec, codes, stages);
}

function sumCodewords(codebook: Codebook, codes: Codes, stages: number): DecodedMatrix {
  const { dim } = codebook;
  const data = new Float32Array(codes.rows * dim);
  for (let stage = 0; stage < stages; stage++) {
    const codewords = stageCodewords(codebook, stage).data;
    for (let row = 0; row < codes.rows; row++) {
      const k = codes.data[row * codes.stages + stage];
      for (let j = 0; j < dim; j++) {
        const value = codewords[k * dim + j];
        data[row * dim + j] = stage === 0 ? value : data[row * dim + j] + value;
      }
    }
  }
  return { data, rows: codes.rows, dim };
}
