// faiss in a Python process that lives as long as the run: faiss_worker.py does the work and times it.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PYTHON } from './setup.ts';

export interface FaissVersion {
  readonly faiss: string;
  /** What it was compiled for. */
  readonly options: string;
  /** The kernels of the OpenBLAS that it brings; null where it brings none. */
  readonly kernels: string | null;
  readonly threads: number;
}

/** A codebook as faiss wants it: 2^bits codewords in each stage. */
export interface FaissShape {
  readonly dim: number;
  readonly stages: number;
  readonly bits: number;
}

/** How it shall encode. */
export interface EncodeWay {
  readonly beam: number;
  /** By tables of the codewords' products (use_beam_LUT). */
  readonly tables: boolean;
  /** Rows of one call; null for all in one. */
  readonly block: number | null;
}

/** Names are those given by `putRows` and `putQuantizer`. What returns `seconds` has done its work once. */
export interface Faiss {
  about(): Promise<FaissVersion>;
  putRows(name: string, rows: { readonly data: Float32Array; readonly dim: number }): Promise<void>;
  putQuantizer(name: string, shape: FaissShape, codebook: Float32Array): Promise<void>;
  encode(work: { quantizer: string; vectors: string } & EncodeWay): Promise<Answer>;
  decode(work: { quantizer: string; codes: Uint8Array }): Promise<Answer>;
  train(work: { vectors: string; stages: number; bits: number; beam: number }): Promise<Answer>;
  nearest(work: { vectors: string; codewords: string }): Promise<Answer>;
  kmeans(work: { vectors: string; codewords: number; iterations: number }): Promise<Answer>;
  close(): void;
}

/** What a command took and gave; the bytes are overwritten by the next one, so they are read when asked for. */
export interface Answer {
  readonly seconds: number;
  readBytes(): Uint8Array;
}

/** @param kernels those that OpenBLAS shall use; its own choice where none are named */
export function startFaiss(kernels?: string): Faiss {
  const folder = mkdtempSync(join(tmpdir(), 'residual-vq-peers-'));
  const worker = spawn(PYTHON, [fileURLToPath(new URL('faiss_worker.py', import.meta.url))], {
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', ...(kernels !== undefined && { OPENBLAS_CORETYPE: kernels }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  }) as unknown as ChildProcessWithoutNullStreams;
  // where it cannot start or ends early, the next command says so
  worker.on('error', () => undefined);
  worker.stdin.on('error', () => undefined);
  const answers = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  const out = join(folder, 'out');

  async function ask<T>(command: string, words: Record<string, unknown> = {}): Promise<T> {
    worker.stdin.write(`${JSON.stringify({ command, ...words })}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`bench/peers/faiss_worker.py ended at the command ${command}`);
    const answer = JSON.parse(value) as T & { error?: string };
    if (answer.error !== undefined) throw new Error(`bench/peers/faiss_worker.py, ${command}: ${answer.error}`);
    return answer;
  }
  async function put(command: string, name: string, values: Uint8Array | Float32Array, words: Record<string, unknown>): Promise<void> {
    const path = join(folder, 'in');
    writeFileSync(path, values);
    await ask(command, { name, path, ...words });
  }
  async function work(command: string, words: Record<string, unknown>): Promise<Answer> {
    const { seconds } = await ask<{ seconds: number }>(command, { ...words, out });
    return { seconds, readBytes: () => Uint8Array.from(readFileSync(out)) };
  }
  return {
    about: () => ask('about'),
    putRows: (name, { data, dim }) => put('rows', name, data, { dim }),
    putQuantizer: (name, shape, codebook) => put('quantizer', name, codebook, { ...shape }),
    encode: (words) => work('encode', { ...words }),
    decode({ quantizer, codes }) {
      const path = join(folder, 'codes');
      writeFileSync(path, codes);
      return work('decode', { quantizer, codes: path });
    },
    train: (words) => work('train', words),
    nearest: (words) => work('nearest', words),
    kmeans: (words) => work('kmeans', words),
    close() {
      worker.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
