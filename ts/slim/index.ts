// residual-vq/slim: residual-vq without the bytes of its core, which the program gives to `init`; and the pool, since that of
// residual-vq/pool brings them. The build leaves them out: scripts/variants.ts.
export { type CompiledCore, type CoreSource, init } from '../engine/init.ts';
export * from '../index.ts';
export type { Pool, PoolOptions } from '../pool/pool.ts';
export { createPool, type WebPoolOptions } from '../web/pool.ts';
export type { WorkerLike, WorkerLikeEvent } from '../web/transport.ts';
