// residual-vq/reference: the verbs of residual-vq in TypeScript alone, with the same codes bit for bit. Written to be read.
// It may import ts/model and ts/kmeans, never the engine.
export { type Codebook, codebook, randomCodebook } from '../model/codebook.ts';
export type { Codec, CodecPart, ProjectedCodec, Projection } from '../model/codec.ts';
export { type Codes, pack, unpack } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { Evaluation } from '../model/evaluation.ts';
export { type DecodedMatrix, type Matrix, matrix, type Row } from '../model/matrix.ts';
export type { Quantized } from '../model/quantized.ts';
export type { DecodeOptions, EncodeOptions } from '../model/requests.ts';
export type { Source } from '../model/sources.ts';
export type {
  CheckpointSettings,
  Init,
  Refinement,
  StageReport,
  TrainCheckpoint,
  TrainingVectors,
  TrainOptions,
  TrainProgress,
  TrainReport,
} from '../model/training.ts';
export type { DecodeStream, DecodeStreamOptions, EncodeStream, EncodeStreamOptions } from '../streams/verbs.ts';
export type { TransformPair } from '../streams/web.ts';
export { decode } from './decode.ts';
export { encode } from './encode.ts';
export { evaluate } from './evaluate.ts';
export { quantize } from './quantize.ts';
export { decodeStream, encodeStream, evaluateStream } from './stream.ts';
export { train } from './train.ts';
