// What a pool and its workers say to each other. A worker is started with the compiled core, is lent codebooks, and answers jobs in the
// order in which they come. Messages are the same over every transport.

import type { CoreModule } from '../engine/module.ts';
import type { Doubles, Floats, Shorts } from '../model/arrays.ts';
import type { Codec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { type ErrorCode, RvqError } from '../model/errors.ts';
import type { EncodeRequest } from '../model/requests.ts';

/** Where a row is not finite, the index of the first such value instead of an answer. */
export interface NotFinite {
  readonly notFinite: number;
}

/** Rows for the k-means, row-major, and one stage's codewords. */
export interface AssignRequest {
  readonly rows: Float32Array;
  readonly dim: number;
  readonly codewords: Float32Array;
}

/** See Assignment of ts/kmeans/engine.ts; errors are of each block of assignRows. */
export interface AssignAnswer {
  readonly codes: Shorts;
  readonly errors: Doubles;
}

/**
 * The kinds of jobs: what is asked, and what is given. Arrays in shared memory stay where they are; any other goes with its message, and is
 * gone where it was.
 */
export interface Jobs {
  encode: { asks: { rows: Float32Array; request: EncodeRequest }; gives: { codes: Codes['data'] } | NotFinite };
  /** `sums`: as measureBlocks gives them. */
  measure: { asks: { rows: Float32Array; codes: Codes['data'] }; gives: { sums: Doubles } };
  decode: { asks: { codes: Codes['data']; stages: number }; gives: { rows: Floats } };
  assign: { asks: AssignRequest; gives: AssignAnswer };
  assignAndSum: { asks: AssignRequest & { grid: number }; gives: AssignAnswer & { sums: Float64Array; counts: Float64Array } };
  /** See Extender of ts/kmeans/kernels.ts: the entries of rows, and errors of each block of assignRows. */
  extend: {
    asks: { residuals: Float32Array; entries: number; keep: number; dim: number; codewords: Float32Array };
    gives: { next: Floats; chosen: Uint32Array; errors: Doubles };
  };
}

export type Kind = keyof Jobs;

export interface JobMessage<K extends Kind = Kind> {
  readonly type: 'job';
  /** Jobs of a worker are numbered from 0. */
  readonly number: number;
  readonly kind: K;
  readonly asks: Jobs[K]['asks'];
  /** The key of a codebook that was lent. */
  readonly codebook: number | undefined;
}

export type Request =
  | { readonly type: 'start'; readonly module: CoreModule }
  | { readonly type: 'lend'; readonly key: number; readonly codebook: Codec }
  | { readonly type: 'drop'; readonly key: number }
  | JobMessage;

/** With the number of its job. `failed` without one: it cannot work at all, or did not understand. */
export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'given'; readonly number: number; readonly gives: Jobs[Kind]['gives'] }
  | { readonly type: 'failed'; readonly number?: number | undefined; readonly error: WireError };

/** An error as a message: one of ours would lose its code and class on the way. */
export interface WireError {
  readonly ours: { readonly code: ErrorCode; readonly subject: string; readonly message: string } | undefined;
  readonly error: unknown;
}

export function toWire(error: unknown): WireError {
  if (!(error instanceof RvqError)) return { ours: undefined, error };
  const { code, subject, message } = error;
  return { ours: { code, subject, message: message.slice(`${subject}: `.length) }, error: undefined };
}

export function fromWire({ ours, error }: WireError): unknown {
  return ours === undefined ? error : new RvqError(ours.code, ours.subject, ours.message);
}

/** The buffers of the arrays in a message that go with it: all that are not shared. Each array must be all of its buffer. */
export function buffersOf(message: object): ArrayBuffer[] {
  return Object.values(message).flatMap((value: unknown) => (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : []));
}

/** An array for a message: itself where it is shared, else a copy, for the caller's must not go away. */
export function lend<A extends Float32Array | Uint8Array | Uint16Array>(array: A): A;
export function lend(array: Float32Array | Uint8Array | Uint16Array): Float32Array | Uint8Array | Uint16Array {
  return isShared(array) ? array : array.slice();
}

export function isShared({ buffer }: ArrayBufferView): boolean {
  return canShare() && buffer instanceof SharedArrayBuffer;
}

/** Whether workers can be sent shared memory: in a page only where it is cross-origin isolated, even if it has some from elsewhere. */
export function canShare(): boolean {
  return typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false;
}
