// Times both engines on the same rows, side by side, and compares their codes.
import { setImmediate } from 'node:timers/promises';
import type { Codebook, Codes, Matrix } from 'residual-vq';
import type { EngineSpeed, SpeedFigures } from './figures.ts';
import type { Engine, Library } from './library.ts';

const RUNS = 5;
/** Rows for the reference: a quarter to one second a run. */
const REFERENCE_ROWS = 500;

interface Timed {
  readonly codes: Codes;
  readonly seconds: number;
}

/**
 * Encodes in turns, all rows in WebAssembly and the first few in the reference, and takes the median time of each.
 *
 * @param written the codes of `vectors` that the command wrote: both engines must give the same
 */
export async function measureSpeed(
  { wasm, reference }: Library,
  { codebook, vectors, written }: { codebook: Codebook; vectors: Matrix; written: Codes },
  { signal }: { signal: AbortSignal },
): Promise<SpeedFigures> {
  const few = firstRows(vectors, REFERENCE_ROWS);
  const runs: { wasm: Timed; reference: Timed }[] = [];
  for (let run = 0; run < RUNS; run++) {
    await setImmediate(); // an interruption is heard between the runs
    signal.throwIfAborted();
    runs.push({ wasm: timed(wasm, codebook, vectors), reference: timed(reference, codebook, few) });
  }
  return {
    wasm: speed(
      vectors.rows,
      runs.map((run) => run.wasm.seconds),
    ),
    reference: speed(
      few.rows,
      runs.map((run) => run.reference.seconds),
    ),
    sameCodes: runs.every((run) => startsWith(written, run.wasm.codes) && startsWith(written, run.reference.codes)),
  };
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function timed({ encode }: Engine, codebook: Codebook, vectors: Matrix): Timed {
  const started = performance.now();
  const codes = encode(codebook, vectors);
  return { codes, seconds: (performance.now() - started) / 1000 };
}

function speed(rows: number, times: readonly number[]): EngineSpeed {
  const seconds = median(times);
  return { rows, runs: times.length, seconds, rowsPerSecond: rows / seconds };
}

function firstRows({ data, rows, dim }: Matrix, most: number): Matrix {
  const taken = Math.min(rows, most);
  return { data: data.subarray(0, taken * dim), rows: taken, dim };
}

/** Whether the rows of `some` are the first of `all`, code by code. */
function startsWith(all: Codes, some: Codes): boolean {
  return some.stages === all.stages && some.rows <= all.rows && some.data.every((code, i) => code === all.data[i]);
}
