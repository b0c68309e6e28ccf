// residual-vq/pool: the verbs on all cores of a browser. In Node, residual-vq/node has a pool that needs no script.
export type { Codebook } from '../model/codebook.ts';
export type { Codes } from '../model/codes.ts';
export { type ErrorCode, RvqError } from '../model/errors.ts';
export type { DecodedMatrix, Matrix } from '../model/matrix.ts';
export type { Pool, PoolOptions } from '../pool/pool.ts';
export { createPool, type WebPoolOptions } from './pool.ts';
export type { WorkerLike, WorkerLikeEvent } from './transport.ts';
