// The options of both benchmarks, and how each ends.
import { parseArgs } from 'node:util';

export interface Flags {
  /** A short run, to see that everything works. Its figures are not to be quoted. */
  readonly quick: boolean;
  /** Keep the results in bench/results, which is committed. */
  readonly keep: boolean;
}

export function readFlags(): Flags {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } } });
  if (values.quick && values.keep) throw new Error('--keep: expected a full run, got --quick');
  return values;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a benchmark. A wrong answer, like any error, is told and makes the process end with 1. */
export async function runMain(main: (flags: Flags) => Promise<void>): Promise<void> {
  try {
    await main(readFlags());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}
