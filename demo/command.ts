// Runs the built command as a user would: its notes and progress bar go to the terminal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TimedEvaluation } from './figures.ts';
import { COMMAND, ROOT } from './library.ts';
import { DemoError, Interrupted } from './stop.ts';

export interface Ran {
  /** What it printed on stdout. */
  readonly output: string;
  /** Wall time. */
  readonly seconds: number;
}

/** One run of rvq, after its command line. It is ended by `signal`, and waited for. */
export async function rvq(args: readonly string[], { signal }: { signal: AbortSignal }): Promise<Ran> {
  signal.throwIfAborted();
  process.stdout.write(`\n$ rvq ${args.join(' ')}\n`);
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  // SIGTERM, as Ctrl-C has reached the child too: a second SIGINT would end it before it could tidy up
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, killedBy] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code === 130) throw new Interrupted('SIGINT');
  if (code !== 0) throw new DemoError(`rvq ${args[0]} ended with ${code ?? killedBy}`);
  return { output, seconds: (performance.now() - started) / 1000 };
}

/** `rvq eval --json`, read. */
export async function evaluateFile(codebook: string, vectors: string, options: { signal: AbortSignal }): Promise<TimedEvaluation> {
  const { output } = await rvq(['eval', codebook, vectors, '--json'], options);
  const value: unknown = JSON.parse(output);
  if (isEvaluation(value)) return value;
  throw new DemoError(`rvq eval --json: expected an evaluation, got ${output.slice(0, 200)}`);
}

function isEvaluation(value: unknown): value is TimedEvaluation {
  if (typeof value !== 'object' || value === null) return false;
  const numbers = ['rows', 'dim', 'stages', 'bitsPerRow', 'mse', 'relativeError', 'seconds'];
  const lists = ['codewords', 'msePerStage', 'relativeErrorPerStage'];
  const fields = new Map<string, unknown>(Object.entries(value));
  return numbers.every((name) => typeof fields.get(name) === 'number') && lists.every((name) => Array.isArray(fields.get(name)));
}
