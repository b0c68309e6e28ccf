// How the command ends: the exit code of every kind of error, and the errors of the command's own.
import { RvqError } from '../index.ts';
import { isStdoutForData } from './output.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, badInput: 3 } as const;

/** Asked for in a way that cannot be done: an option, a name. */
export class UsageError extends Error {}

/** Asked for well, but it went wrong here: the output cannot be written, the codes differ. */
export class Failure extends Error {}

/** A program that this one ran failed, and has said why and with what exit code. */
export class JobFailed extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** 128 and the number of the signal, as a shell counts. */
const STOP_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const STOP_SIGNALS = Object.keys(STOP_CODES) as StopSignal[];

export class Interrupted extends Error {
  readonly signal: StopSignal;
  /** Whether it was said what there is. */
  readonly told: boolean;

  /** @param left what there is for it: by default nothing, or where stdout is the output what has come there */
  constructor(signal: StopSignal, left?: string) {
    const otherwise = isStdoutForData() ? 'standard output has only a part' : 'nothing was written';
    super(`${signal === 'SIGINT' ? 'interrupted' : 'terminated'}, ${left ?? otherwise}`);
    this.signal = signal;
    this.told = left !== undefined;
  }
}

/** Who read our output has gone: there is nothing more to do, and nothing to complain of. */
export class ReaderGone extends Error {}

export function exitCode(error: unknown): number {
  if (error instanceof ReaderGone) return EXIT.done;
  if (error instanceof Interrupted) return STOP_CODES[error.signal];
  if (error instanceof JobFailed) return error.code;
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
  if (error instanceof RvqError) return inFlags(error);
  if (ours(error)) return error.message;
  return `internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

/** The message, where an option of the API is one of the command: "--beam: expected ...". */
function inFlags({ code, subject, message }: RvqError): string {
  const option = /^\w+ option (\w+)$/.exec(subject)?.[1];
  if (option === undefined || !['INVALID_ARGUMENT', 'UNSUPPORTED', 'UNKNOWN_OPTION'].includes(code)) return message;
  return `${flagName(option)}${message.slice(subject.length).replace(/, got undefined$/, ', got none')}`;
}

/** "--maxRowsPerCodeword" is not what it is called here: "--max-rows-per-codeword". */
export function flagName(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function ours(error: unknown): error is Error {
  return [RvqError, UsageError, Failure, JobFailed, Interrupted].some((kind) => error instanceof kind);
}

/** Does `work`, whose signal is aborted by Ctrl-C and its like; a second one ends the process at once. */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (name: StopSignal): void => {
    if (controller.signal.aborted) process.exit(STOP_CODES[name]);
    controller.abort(new Interrupted(name));
    process.stdin.destroy(); // where it is waited for, its writer may be silent for long
  };
  for (const name of STOP_SIGNALS) process.on(name, stop);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) controller.signal.throwIfAborted(); // what failed may only have been cut short
    throw error;
  } finally {
    for (const name of STOP_SIGNALS) process.off(name, stop);
  }
}
