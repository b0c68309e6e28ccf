// residual-vq: train, encode, decode and measure, in WebAssembly. The same names as in residual-vq/reference.

export { decode } from './decode.ts';
export { encode } from './encode.ts';
export { evaluate } from './evaluate.ts';
export type { Bytes, CodeArray, Floats } from './model/arrays.ts';
export { type Codebook, codebook, randomCodebook } from './model/codebook.ts';
export type { Codec, CodecPart, ProjectedCodec, Projection } from './model/codec.ts';
export { type Codes, pack, unpack } from './model/codes.ts';
export { type ErrorCode, RvqError } from './model/errors.ts';
export type { Evaluation } from './model/evaluation.ts';
export { type DecodedMatrix, type Matrix, matrix, type Row } from './model/matrix.ts';
export type { Quantized } from './model/quantized.ts';
export type { DecodeOptions, EncodeOptions } from './model/requests.ts';
export type { Source } from './model/sources.ts';
export type {
  CheckpointSettings,
  Init,
  StageReport,
  TrainCheckpoint,
  TrainingVectors,
  TrainOptions,
  TrainProgress,
  TrainReport,
} from './model/training.ts';
export { quantize } from './quantize.ts';
export { decodeStream, encodeStream, evaluateStream } from './stream.ts';
export type { DecodeStream, DecodeStreamOptions, EncodeStream, EncodeStreamOptions } from './streams/verbs.ts';
export type { TransformPair } from './streams/web.ts';
export { train } from './train.ts';
