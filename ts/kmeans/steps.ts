// How training shares its thread: work is counted, not timed, and after every step's worth of it other tasks get their turn.

/** Multiply-adds, or values moved, of one step of training's own loops: some milliseconds of plain JavaScript. */
const PLAIN_STEP = 2 ** 22;

/** Both calls announce work that is about to be done, and return a promise to wait for where a pause is due before it. */
export interface Steps {
  /** When it is aborted, both calls throw its reason. */
  readonly signal: AbortSignal | undefined;
  /** Multiply-adds in the engine. */
  kernel(work: number): Promise<void> | undefined;
  /** Multiply-adds, or values moved, in JavaScript. */
  plain(work: number): Promise<void> | undefined;
}

/** @param stepSize multiply-adds of the engine between two pauses */
export function createSteps(stepSize: number, signal: AbortSignal | undefined): Steps {
  let done = 0; // of the present step, 0 to 1

  function take(part: number): Promise<void> | undefined {
    throwIfAborted(signal);
    const due = done > 0 && done + part > 1;
    done = due ? part : done + part;
    return due ? pause().then(() => throwIfAborted(signal)) : undefined;
  }
  return {
    signal,
    kernel: (work) => take(work / stepSize),
    plain: (work) => take(work / PLAIN_STEP),
  };
}

/** Calls `visit(start, end)` for runs of rows, with pauses, as work of training's own loops. */
export async function forRows(steps: Steps, rows: number, dim: number, visit: (start: number, end: number) => void): Promise<void> {
  const run = Math.max(1, Math.floor(PLAIN_STEP / 8 / dim));
  for (let start = 0; start < rows; start += run) {
    const end = Math.min(rows, start + run);
    const turn = steps.plain((end - start) * dim);
    if (turn) await turn;
    visit(start, end);
  }
}

/**
 * Lets the event loop turn. A promise alone would not: its callbacks run before any other task. Timers come last because
 * browsers stretch them to 4 ms.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') turnByMessage(resolve);
    else setTimeout(resolve, 0);
  });
}

function turnByMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
