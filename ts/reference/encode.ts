// Encode: stage after stage, the codeword nearest to what the stages before have left.
import { encodeCodec } from '../codec/encode.ts';
import { type Codebook, stageCodewords } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import { checkFinite, type Matrix } from '../model/matrix.ts';
import { checkEncode, type EncodeOptions, type EncodeSettings } from '../model/requests.ts';
import { searchRow } from './beam.ts';
import { referenceDecoder } from './decode.ts';
import { nearestCodeword, subtractCodeword } from './distance.ts';

/**
 * Finds the codes of rows.
 *
 * @param vectors rows of the codebook's dim, one at least
 * @throws RvqError `DIM_MISMATCH`, `NOT_FINITE` with row and element, or what is wrong with an argument
 */
export function encode(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Codes {
  return encodeRows(codebook, vectors, checkEncode('encode', codebook, vectors, options));
}

/**
 * As encode, with arguments that were checked but for the values of the rows.
 *
 * @param firstRow the number of the first row, as errors count
 */
export function encodeRows(codec: Codec, vectors: Matrix, settings: EncodeSettings, firstRow = 0): Codes {
  if (isCodebook(codec)) return encodeWith(codec, vectors, settings);
  const engine = { ...referenceDecoder, encode: (part: Codec, rows: Matrix, row: number) => encodeRows(part, rows, settings, row).data };
  return encodeCodec(engine, codec, vectors, firstRow);
}

function encodeWith(codebook: Codebook, vectors: Matrix, { beam }: EncodeSettings): Codes {
  checkFinite('vectors', vectors);
  const { dim, codewords, id } = codebook;
  const stages = codewords.map((_, stage) => stageCodewords(codebook, stage));
  const data = createCodeArray(codewords, vectors.rows * stages.length);
  for (let row = 0; row < vectors.rows; row++) {
    const vector = vectors.data.slice(row * dim, (row + 1) * dim);
    data.set(beam === 1 ? greedy(vector, stages) : searchRow(vector, stages, beam), row * stages.length);
  }
  return { data, rows: vectors.rows, stages: stages.length, codebookId: id };
}

/** The nearest codeword of each stage. The residual is changed. */
function greedy(residual: Float32Array, stages: readonly Matrix[]): number[] {
  return stages.map((codewords) => {
    const k = nearestCodeword(residual, 0, codewords);
    subtractCodeword(residual, codewords, k);
    return k;
  });
}
