// How the command ends: the exit code of every kind of error, and the errors of the command's own.
import { RvqError } from '../index.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, badInput: 3 } as const;

/** Asked for in a way that cannot be done: an option, a name. */
export class UsageError extends Error {}

/** Asked for well, but it went wrong here: the output cannot be written, the codes differ. */
export class Failure extends Error {}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** 128 and the number of the signal, as a shell counts. */
const STOP_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

export class Interrupted extends Error {
  readonly signal: StopSignal;

  /** @param left what there is for it: by default nothing */
  constructor(signal: StopSignal, left = 'nothing was written') {
    super(`${signal === 'SIGINT' ? 'interrupted' : 'terminated'}, ${left}`);
    this.signal = signal;
  }
}

export function exitCode(error: unknown): number {
  if (error instanceof Interrupted) return STOP_CODES[error.signal];
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof RvqError)) return EXIT.failed;
  if (error.code === 'INVALID_ARGUMENT' && / option /.test(error.subject)) return EXIT.usage;
  switch (error.code) {
    case 'UNSUPPORTED':
    case 'UNKNOWN_OPTION':
      return EXIT.usage;
    case 'OUT_OF_MEMORY':
    case 'CORE_FAILED':
    case 'NO_WEBASSEMBLY':
    case 'WORKER_FAILED':
      return EXIT.failed;
    default:
      return EXIT.badInput;
  }
}

/** One line for errors that are meant for the user, the stack for those that should not be. */
export function errorText(error: unknown): string {
  if (error instanceof RvqError || error instanceof UsageError || error instanceof Failure || error instanceof Interrupted) return error.message;
  return `internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

/** Does `work`, whose signal is aborted by Ctrl-C or SIGTERM; a second one ends the process at once. */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (name: StopSignal) => controller.abort(new Interrupted(name));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
