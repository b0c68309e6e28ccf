// Programs in TypeScript as users of the package write them, strict.

/** A program that uses what the entries export, with the types that it should have. */
const TYPED = `
const vectors: Matrix = matrix([[1, 2], [3, 4]]);
const options: TrainOptions = { stages: 1, codewords: [2], onProgress: ({ fraction }: TrainProgress) => fraction };
declare function makeWorker(): WorkerLike;
export async function use(signal: AbortSignal): Promise<number> {
  const { codebook: book, report }: { codebook: Codebook; report: TrainReport } = await train(vectors, { ...options, signal });
  const codes: Codes = encode(book, vectors, { beam: 1 });
  const bytes: Uint8Array = pack(codes, book);
  const rebuilt: Matrix = decode(book, unpack(bytes, book, codes.rows), { stages: 1 });
  const { mse }: Evaluation = evaluate(book, rebuilt);
  const { reconstruction }: Quantized = quantize(book, [1, 2]);
  await writeCodebook('book.safetensors', book, { signal });
  const read: Codebook = await readCodebook('book.safetensors');
  try {
    referenceEncode(read, rebuilt);
  } catch (error) {
    const code: ErrorCode | undefined = error instanceof RvqError ? error.code : undefined;
    if (code === 'DIM_MISMATCH') return 0;
  }
  await init(fetch('https://example.org/rvq_core.wasm'));
  await init(bytes);
  const pool: Pool = createPool({ worker: makeWorker, threads: 2, onWorkerError: ({ code }: RvqError) => code });
  const pooled: Codes = await pool.encode(book, vectors, { beam: 1 });
  await pool.close();
  const slim: Codes = slimEncode(book, vectors);
  if (slim.rows !== pooled.rows) return 1;
  new Blob([bytes.slice(), reconstruction.slice()]);
  return mse + report.mse + (codes.data[0] ?? 0);
}
// @ts-expect-error a codebook's data is not to be replaced
export const change = (book: Codebook): void => { book.data = new Float32Array(1); };
// @ts-expect-error train needs stages
export const incomplete: TrainOptions = { codewords: 4 };
`;

export const TYPED_IMPORTS = `
import { decode, encode, evaluate, matrix, pack, quantize, RvqError, train, unpack } from 'residual-vq';
import type { Codebook, Codes, ErrorCode, Evaluation, Matrix, Quantized, TrainOptions, TrainProgress, TrainReport } from 'residual-vq';
import { readCodebook, writeCodebook } from 'residual-vq/node';
import { createPool, type Pool, type WorkerLike } from 'residual-vq/pool';
import { encode as referenceEncode } from 'residual-vq/reference';
import { encode as slimEncode, init } from 'residual-vq/slim';
import 'residual-vq/worker';
${TYPED}`;

export const TYPED_REQUIRE = `
import rvq = require('residual-vq');
import files = require('residual-vq/node');
import reference = require('residual-vq/reference');
export const same: boolean = rvq.encode === reference.encode;
export const write: (path: string, book: rvq.Codebook) => Promise<void> = files.writeCodebook;
`;

/** What needs the types of a page. */
export const TYPED_PAGE = `
import { createPool } from 'residual-vq/pool';
import { createPool as createSlimPool } from 'residual-vq/slim';
export const pools = [createPool, createSlimPool].map((create) =>
  create({ worker: () => new Worker(new URL('./worker.js', 'https://example.org'), { type: 'module' }) }));
// @ts-expect-error a pool needs to know how its workers are made
createPool({ threads: 2 });
`;
