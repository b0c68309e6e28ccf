// The page's side of the worker: a promise for each request. A worker that dies is replaced at the next one.
import type { Codebook, Matrix, TrainProgress } from 'residual-vq';
import type { Answer, Comparison, Request, Result, Work } from './protocol.ts';

export interface Follow {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainProgress) => void;
  readonly onEncoding: () => void;
}

/** What ends a request that was cancelled. */
export class Cancelled extends Error {}

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, (answer: Answer) => void>();

export function train(work: Work, { signal, onProgress, onEncoding }: Follow): Promise<Result> {
  return ask(
    (id) => ({ kind: 'train', id, work }),
    (answer) => {
      if (answer.kind === 'progress') onProgress(answer.progress);
      else if (answer.kind === 'encoding') onEncoding();
      else if (answer.kind === 'trained') return answer.result;
      return undefined;
    },
    signal,
  );
}

export function compare(codebook: Codebook, rows: Matrix): Promise<Comparison> {
  return ask(
    (id) => ({ kind: 'compare', id, codebook, rows }),
    (answer) => (answer.kind === 'compared' ? answer.comparison : undefined),
  );
}

/** @param read the result in an answer, or undefined where others will follow */
function ask<T>(request: (id: number) => Request, read: (answer: Answer) => T | undefined, signal?: AbortSignal): Promise<T> {
  const id = ++last;
  return new Promise<T>((resolve, reject) => {
    const cancel = () => worker?.postMessage({ kind: 'cancel', id } satisfies Request);
    const settle = (finish: () => void) => {
      waiting.delete(id);
      signal?.removeEventListener('abort', cancel);
      finish();
    };
    waiting.set(id, (answer) => {
      if (answer.kind === 'failed') return settle(() => reject(answer.cancelled ? new Cancelled() : new Error(answer.message)));
      const result = read(answer);
      if (result !== undefined) settle(() => resolve(result));
    });
    signal?.addEventListener('abort', cancel);
    try {
      running().postMessage(request(id));
    } catch (error) {
      settle(() => reject(error));
    }
  });
}

function running(): Worker {
  if (worker !== undefined) return worker;
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<Answer>) => waiting.get(data.id)?.(data));
  started.addEventListener('error', (event) => {
    event.preventDefault();
    started.terminate();
    if (worker === started) worker = undefined;
    const message = `the worker stopped: ${event.message || 'its script could not be loaded'}`;
    for (const [id, tell] of [...waiting]) tell({ kind: 'failed', id, message, cancelled: false });
  });
  worker = started;
  return started;
}
