// How the demo ends early: by an error that is meant for whoever runs it, or by Ctrl-C.

/** Told in one line, without a stack. */
export class DemoError extends Error {}

export type StopSignal = 'SIGINT' | 'SIGTERM';

export class Interrupted extends Error {
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super('interrupted');
    this.signal = signal;
  }
}

/** Aborted by Ctrl-C or SIGTERM, however often they come: npm passes on what the terminal has sent already. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort(new Interrupted(name)));
  return controller.signal;
}

/** Tells what ended the demo, and gives the exit code: 1, or 128 and the number of the signal. */
export function tellEnd(error: unknown): number {
  if (error instanceof Interrupted) {
    process.stderr.write('demo: interrupted, no report was written\n');
    return error.signal === 'SIGINT' ? 130 : 143;
  }
  process.stderr.write(`demo: ${error instanceof DemoError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
