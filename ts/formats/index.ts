// residual-vq/formats: the bytes of files to data and back, wherever the bytes come from. It may import the model, and nothing of Node.

export type { Codebook } from '../model/codebook.ts';
export type { Codec, CodecPart, ProjectedCodec, Projection } from '../model/codec.ts';
export type { Codes } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { Matrix } from '../model/matrix.ts';
export { type ApacheArrow, type ReadArrowOptions, readArrow } from './arrow.ts';
export { type LoadCodecOptions, loadCodec, type ShardedCheckpoint } from './codecs/load.ts';
export { type FaissContents, readFaissIndex, writeFaissIndex } from './faiss.ts';
export type { NamedOptions } from './named.ts';
export {
  type ReadVectorsOptions,
  readCodebook,
  readCodes,
  readVectors,
  type WriteCodesOptions,
  writeCodebook,
  writeCodes,
  writeVectors,
} from './own.ts';
export { type Compressors, type Hyparquet, type ReadParquetOptions, readParquet } from './parquet.ts';
