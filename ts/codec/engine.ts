// What coding with a codec needs of an engine, and the two ways through a part: rows to what it compares, codes to what it takes off.
import type { CodeArray, Floats } from '../model/arrays.ts';
import { type Codebook, codebook } from '../model/codebook.ts';
import { type Codec, type CodecPart, isCodebook, type ProjectedCodec, type Projection } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import type { Matrix } from '../model/matrix.ts';
import { normalize } from './arithmetic.ts';

/** How an engine gives back rows, with arguments that were checked. */
export interface CodecDecoder {
  /** The sums of the codewords of the first `stages` stages. */
  decode(codec: Codec, codes: Codes, stages: number): Floats;
  /** As project of arithmetic.ts, to the last bit. */
  project(projection: Projection, rows: Float32Array): Floats;
}

/** And how it finds codes. */
export interface CodecEngine extends CodecDecoder {
  /** @param firstRow the number of the first row, as errors count */
  encode(codec: Codec, rows: Matrix, firstRow: number): Codes['data'];
}

/** Rows that go through the parts together: their values, and what parts make of them, stay in the second cache. */
export function tileRows(dim: number): number {
  return Math.max(64, Math.floor((1 << 16) / dim));
}

/** A part, and which of the codec's stages are its own: `first` up to, not including, `end`. */
export interface PlacedPart extends CodecPart {
  readonly first: number;
  readonly end: number;
}

/** The parts of each group with their stages. */
export function placedGroups({ groups }: ProjectedCodec): PlacedPart[][] {
  let end = 0;
  return groups.map((parts) =>
    parts.map((part) => {
      const first = end;
      end += part.codec.codewords.length;
      return { ...part, first, end };
    }),
  );
}

/** What a part compares with the codewords of `searched`: rows through its input, divided by their norms where its metric is the cosine. */
export function compared(engine: CodecDecoder, { input, metric, codec: { dim } }: CodecPart, rows: Float32Array): Matrix {
  const projected = input === undefined ? rows : engine.project(input, rows);
  const data = metric === 'cosine' ? normalize(projected, dim) : projected;
  return { data, rows: data.length / dim, dim };
}

const normalized = new WeakMap<Codebook, Codebook>();

/** What a part compares with: of the cosine, codewords divided by their norms. The nearest is then the one of the largest cosine. */
export function searched({ metric, codec }: CodecPart): Codec {
  if (metric === 'euclidean' || !isCodebook(codec)) return codec;
  const { data, dim, codewords } = codec;
  const known = normalized.get(codec) ?? codebook(normalize(data, dim), { dim, codewords });
  normalized.set(codec, known);
  return known;
}

/** What the first `stages` stages of a part take off rows: the sums of their codewords, through its output. */
export function contribution(engine: CodecDecoder, { codec, output }: CodecPart, codes: Codes['data'], stages: number): Floats {
  const width = codec.codewords.length;
  const sums = engine.decode(codec, { data: codes, rows: codes.length / width, stages: width, codebookId: codec.id }, stages);
  return output === undefined ? sums : engine.project(output, sums);
}

/** The codes of a part's stages out of rows of `stages` codes. */
export function codesOf({ codec, first, end }: PlacedPart, codes: Codes['data'], stages: number): CodeArray {
  const width = end - first;
  const own = createCodeArray(codec.codewords, (codes.length / stages) * width);
  for (let row = 0, at = 0; at < own.length; row++) for (let stage = first; stage < end; stage++) own[at++] = codes[row * stages + stage];
  return own;
}

/** Puts the codes of a part's stages into rows of `stages` codes. */
export function putCodes({ first, end }: PlacedPart, own: Codes['data'], codes: CodeArray, stages: number): void {
  for (let row = 0, at = 0; at < own.length; row++) for (let stage = first; stage < end; stage++) codes[row * stages + stage] = own[at++];
}
