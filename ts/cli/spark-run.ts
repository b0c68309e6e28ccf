// Runs spark-submit with the driver of residual-vq-spark, tells what it tells, and takes its processes along when this one is stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createProgressBar } from './bar.ts';
import { Failure, Interrupted, JobFailed } from './exit.ts';
import { clearBar, isJson, printNote, printStatus, printWarning } from './output.ts';

/** What the driver sums up in the end. */
export type Summary = Readonly<Record<string, unknown>>;

/** Lines of Spark's log that are kept back, for the case that they say why it failed. */
const LINES_KEPT = 20;

/** How long Spark may take to end when it is told to. */
const GRACE_MILLISECONDS = 15_000;

/**
 * Runs `submit`, whose last words are the driver's, with --json.
 *
 * @throws JobFailed with what the driver says, and its exit code; Interrupted when the signal is aborted, after the processes have ended
 */
export async function runDriver(
  submit: string,
  args: readonly string[],
  { python, verbose, signal }: { python: string; verbose: boolean; signal: AbortSignal },
): Promise<Summary> {
  signal.throwIfAborted();
  // A process group of its own: a signal reaches Java and Python alike, once, and only by us.
  const env = { PYSPARK_PYTHON: python, PYSPARK_DRIVER_PYTHON: python, ...process.env };
  const child = spawn(submit, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  const stop = stopping(child, signal);
  const log: string[] = [];
  const bar = createProgressBar();
  let summary: Summary = {};
  let failure: { message: string; exitCode: number } | undefined;
  const keepLog = (line: string): void => {
    if (verbose) printLog(line);
    else if (log.push(line) > LINES_KEPT) log.shift();
  };
  /** A line of the driver, or whatever else is on the same output. */
  const hear = (line: string): void => {
    const said = parse(line);
    const { type, message, ...fields } = said ?? {};
    if (said === undefined) keepLog(line);
    else if (type === undefined) summary = said;
    else if (type === 'error') failure = { message: String(message), exitCode: Number(fields.exitCode ?? 1) };
    else if (type === 'progress') showProgress(bar, fields);
    else if (type === 'warning') printWarning(String(message));
    else if (isJson()) printStatus(String(type), { message, ...fields });
    else printNote(String(message));
  };
  try {
    const [ended] = await Promise.all([endOf(child), eachLine(child.stdout, hear), eachLine(child.stderr, keepLog)]);
    bar.end();
    if (signal.aborted) throw new Interrupted(signal.reason.signal, 'the job was stopped');
    if (ended.code === 0) return summary;
    if (failure === undefined) for (const line of log) printLog(line);
    const how = ended.signal === null ? `ended with exit code ${ended.code}` : `was ended by ${ended.signal}`;
    throw new JobFailed(failure?.message ?? `${submit} ${how}`, ended.code || 1);
  } finally {
    bar.end();
    stop();
  }
}

/** Passes the end of this process on. Returns what ends the passing on. */
function stopping(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = (how: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how);
    } catch {
      // They have all ended.
    }
  };
  const abort = (): void => {
    kill(signal.reason instanceof Interrupted ? signal.reason.signal : 'SIGTERM');
    timer = setTimeout(() => kill('SIGKILL'), GRACE_MILLISECONDS);
  };
  const killAll = (): void => kill('SIGKILL'); // this process ends at once
  child.on('exit', () => {
    if (signal.aborted) killAll(); // what is left of its group holds our pipes
  });
  signal.addEventListener('abort', abort);
  process.on('exit', killAll);
  return () => {
    signal.removeEventListener('abort', abort);
    process.off('exit', killAll);
    clearTimeout(timer);
  };
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Failure(`cannot run ${child.spawnfile}: ${error.message}`, { cause: error })));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function eachLine(stream: Readable, hear: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) hear(line);
}

/** An object of JSON, which the driver's lines are. */
function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function printLog(line: string): void {
  clearBar();
  if (isJson()) printStatus('log', { message: line }, true);
  else process.stderr.write(`${line}\n`);
}

function showProgress(bar: ReturnType<typeof createProgressBar>, fields: Record<string, unknown>): void {
  const { stage, stages, iteration, iterations, mse, fraction } = fields;
  const place = `stage ${Number(stage) + 1}/${stages}, iteration ${iteration}/${iterations}`;
  if (isJson()) printStatus('progress', fields);
  else if (bar.visible) bar.show(place, { fraction: Number(fraction) });
  else printNote(`${place}, mse ${Number(mse).toPrecision(6)}`);
}
