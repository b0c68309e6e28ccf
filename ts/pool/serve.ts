// A worker's side of the pool: does jobs with the core that it was started with.
import { searched } from '../codec/engine.ts';
import { decodeRows } from '../decode.ts';
import { encodeRows } from '../encode.ts';
import { releaseCodebook } from '../engine/codebooks.ts';
import { getCore } from '../engine/core.ts';
import { wasmKernels } from '../engine/kernels.ts';
import { useModule } from '../engine/module.ts';
import { measureBlocks } from '../evaluate.ts';
import { assignRows } from '../kmeans/assignment.ts';
import type { Assigner } from '../kmeans/kernels.ts';
import { NO_SUMS } from '../kmeans/passes.ts';
import { runsOf } from '../model/blocks.ts';
import type { Codebook } from '../model/codebook.ts';
import { type Codec, isCodebook } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { RvqError } from '../model/errors.ts';
import { firstNotFinite, type Matrix } from '../model/matrix.ts';
import {
  type AssignAnswer,
  type AssignRequest,
  buffersOf,
  type JobMessage,
  type Jobs,
  type Kind,
  type NotFinite,
  type Reply,
  type Request,
  toWire,
} from './protocol.ts';

/** @param lent the codebook that the job is about */
type Work<K extends Kind> = (asks: Jobs[K]['asks'], lent: () => Codec) => Jobs[K]['gives'];

const WORK: { readonly [K in Kind]: Work<K> } = {
  encode: ({ rows, request }, lent) => orNotFinite(rows, () => ({ codes: encodeRows(lent(), matrixOf(rows, lent().dim), request).data })),
  measure: ({ rows, codes }, lent) => ({ sums: measureBlocks(lent(), matrixOf(rows, lent().dim), codes) }),
  decode({ codes, stages: prefix }, lent) {
    const { codewords, id } = lent();
    const stages = codewords.length;
    const part: Codes = { data: codes, rows: codes.length / stages, stages, codebookId: id };
    return { rows: decodeRows(lent(), part, { stages: prefix }).data };
  },
  assign: (request) => assignBlocks(request, NO_SUMS, () => ({})),
  assignAndSum: ({ grid, ...request }) => assignBlocks(request, grid, (assigner) => assigner.sums()),
  extend({ residuals, entries, keep, dim, codewords }) {
    const rows = residuals.length / (entries * dim);
    const block = assignRows(dim, (entries * codewords.length) / dim);
    const next = new Float32Array(rows * keep * dim);
    const chosen = new Uint32Array(rows * keep);
    const errors = new Float64Array(Math.ceil(rows / block));
    const extender = wasmKernels.createExtender(codewords, dim);
    try {
      for (const { start, end } of runsOf(rows, block)) {
        const from = residuals.subarray(start * entries * dim, end * entries * dim);
        const to = next.subarray(start * keep * dim, end * keep * dim);
        errors[start / block] = extender.extend(from, entries, to, chosen.subarray(start * keep, end * keep));
      }
      return { next, chosen, errors };
    } finally {
      extender.close();
    }
  },
};

/** Answers requests by `post`, which takes the buffers that go with the reply. */
export function createServer(post: (reply: Reply, buffers: ArrayBuffer[]) => void): (request: Request) => void {
  const codebooks = new Map<number, Codec>();

  function answer(request: Request): void {
    switch (request.type) {
      case 'start':
        useModule(request.module);
        getCore(); // so that want of memory shows now
        post({ type: 'ready' }, []);
        break;
      case 'lend':
        codebooks.set(request.key, request.codebook);
        break;
      case 'drop':
        for (const codebook of codebooksOf(held(codebooks, request.key))) releaseCodebook(codebook);
        codebooks.delete(request.key);
        break;
      case 'job': {
        const gives = work(request, () => held(codebooks, request.codebook));
        post({ type: 'given', number: request.number, gives }, buffersOf(gives));
      }
    }
  }

  return (request) => {
    try {
      answer(request);
    } catch (error) {
      post({ type: 'failed', number: request.type === 'job' ? request.number : undefined, error: toWire(error) }, []);
    }
  };
}

function work<K extends Kind>({ kind, asks }: JobMessage<K>, lent: () => Codec): Jobs[K]['gives'] {
  return WORK[kind](asks, lent);
}

function held(codebooks: ReadonlyMap<number | undefined, Codec>, key: number | undefined): Codec {
  const codebook = codebooks.get(key);
  if (codebook === undefined) throw new Error(`no codebook has the key ${key}`);
  return codebook;
}

/** All that the core may hold of a codec. */
function codebooksOf(codec: Codec): Codebook[] {
  return isCodebook(codec) ? [codec] : codec.groups.flat().flatMap((part) => [...codebooksOf(part.codec), ...codebooksOf(searched(part))]);
}

function matrixOf(data: Float32Array, dim: number): Matrix {
  return { data, rows: data.length / dim, dim };
}

/** The pool says which row is not finite: it knows how the caller counts. */
function orNotFinite<T>(rows: Float32Array, encode: () => T): T | NotFinite {
  try {
    return encode();
  } catch (error) {
    const bad = firstNotFinite(rows);
    if (error instanceof RvqError && error.code === 'NOT_FINITE' && bad >= 0) return { notFinite: bad };
    throw error;
  }
}

/** @param read what is asked of the assigner when all rows are assigned */
function assignBlocks<T>({ rows, dim, codewords }: AssignRequest, grid: number, read: (assigner: Assigner) => T): AssignAnswer & T {
  const all = rows.length / dim;
  const block = assignRows(dim, codewords.length / dim);
  const codes = new Uint16Array(all);
  const errors = new Float64Array(Math.ceil(all / block));
  const assigner = wasmKernels.createAssigner(codewords, dim, grid);
  try {
    for (const { start, end } of runsOf(all, block)) {
      errors[start / block] = assigner.assign(rows.subarray(start * dim, end * dim), codes.subarray(start, end));
    }
    return { codes, errors, ...read(assigner) };
  } finally {
    assigner.close();
  }
}
