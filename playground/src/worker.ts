// The worker: trains, encodes and compares, so that the page stays free. It answers each request by its id.
import * as wasm from 'residual-vq';
import * as reference from 'residual-vq/reference';
import type { Answer, Comparison, Engine, Request, Result, Work } from './protocol.ts';

/** Rows and codes have one type in both, so the reference can stand in for the core. */
const ENGINES = { wasm, reference };

/** Milliseconds that one side of a comparison may take, about. */
const COMPARE_MS = 600;

const running = new Map<number, AbortController>();
let engine: Engine | undefined;

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'cancel') running.get(data.id)?.abort();
  else void answer(data);
});

async function answer(request: Exclude<Request, { kind: 'cancel' }>): Promise<void> {
  const { id } = request;
  const stop = new AbortController();
  running.set(id, stop);
  try {
    if (request.kind === 'compare') return say({ kind: 'compared', id, comparison: compare(request.codebook, request.rows) });
    const result = await trainAndEncode(request.work, id, stop.signal);
    say({ kind: 'trained', id, result });
  } catch (error) {
    say({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error), cancelled: stop.signal.aborted });
  } finally {
    running.delete(id);
  }
}

async function trainAndEncode({ training, rows, settings }: Work, id: number, signal: AbortSignal): Promise<Result> {
  const { stages, codewords, beam } = settings;
  const verbs = ENGINES[available()];
  const started = performance.now();
  const { codebook, report } = await verbs.train(training, {
    stages,
    codewords,
    beam,
    signal,
    onProgress: (progress) => say({ kind: 'progress', id, progress }),
  });
  const seconds = (performance.now() - started) / 1000;
  say({ kind: 'encoding', id });
  await new Promise((resolve) => setTimeout(resolve)); // a cancel may be waiting
  signal.throwIfAborted();
  const codes = verbs.encode(codebook, rows, { beam });
  const evaluation = verbs.evaluate(codebook, rows, { beam });
  return { codebook, codes, evaluation, report, seconds, engine: available() };
}

/** Encodes the first rows by both, as many as the slower one does in a moment. */
function compare(codebook: wasm.Codebook, rows: wasm.Matrix): Comparison {
  const first = (count: number): wasm.Matrix => ({ data: rows.data.subarray(0, count * rows.dim), rows: count, dim: rows.dim });
  const probe = first(Math.min(rows.rows, 32));
  const pace = timed(() => reference.encode(codebook, probe)).ms / probe.rows;
  const share = first(Math.max(1, Math.min(rows.rows, Math.floor(COMPARE_MS / pace))));
  const slow = timed(() => reference.encode(codebook, share));
  const rate = (ms: number) => (1000 * share.rows) / Math.max(ms, 1e-3);
  if (available() === 'reference') return { rows: share.rows, wasm: undefined, reference: rate(slow.ms), same: false };
  wasm.encode(codebook, probe);
  const fast = timed(() => wasm.encode(codebook, share));
  const same = fast.value.data.every((code, i) => code === slow.value.data[i]);
  return { rows: share.rows, wasm: rate(fast.ms), reference: rate(slow.ms), same };
}

/** What there is: the core, or the reference where the engine has no WebAssembly or may not compile it. */
function available(): Engine {
  if (engine === undefined) {
    try {
      const one = wasm.matrix([[0]]);
      wasm.encode(wasm.codebook(new Float32Array(1), { dim: 1, codewords: [1] }), one);
      engine = 'wasm';
    } catch (error) {
      if (!(error instanceof wasm.RvqError)) throw error;
      engine = 'reference';
    }
  }
  return engine;
}

function timed<T>(work: () => T): { value: T; ms: number } {
  const started = performance.now();
  return { value: work(), ms: performance.now() - started };
}

function say(answer: Answer): void {
  postMessage(answer);
}
