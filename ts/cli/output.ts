// Where what the command says goes. Results: stdout. Notes, warnings, errors, progress: stderr. With --json stdout gets one object, the summary,
// and stderr an object a line, each with a `type`; with --quiet stderr gets errors alone.
import { RvqError } from '../index.ts';
import { paint, type Style } from './color.ts';

export interface OutputFlags {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

let flags: OutputFlags = {};
let stdoutHoldsData = false;
let barDrawn = false;

/** How this run of the command speaks: said once, before it does anything. */
export function setOutput(chosen: OutputFlags): void {
  flags = chosen;
}

/** From now on stdout is for the bytes of an output, `-o -`: a summary goes to stderr. */
export function keepStdoutForData(): void {
  stdoutHoldsData = true;
}

export function isStdoutForData(): boolean {
  return stdoutHoldsData;
}

export function isJson(): boolean {
  return flags.json === true;
}

export function isQuiet(): boolean {
  return flags.quiet === true;
}

/** The result of a command whose result is what it tells. */
export function printResult(summary: object, text: string): void {
  if (isJson()) printSummary(summary);
  else process.stdout.write(`${text}\n`);
}

/** The end of a command whose result is a file: a note, or with --json the summary. */
export function printDone(summary: object, note: string): void {
  if (isJson()) printSummary(summary);
  else printNote(note);
}

function printSummary(summary: object): void {
  if (stdoutHoldsData) printStatus('summary', summary);
  else process.stdout.write(`${JSON.stringify(summary)}\n`);
}

export function printNote(message: string): void {
  printMessage('note', message);
}

export function printWarning(message: string): void {
  printMessage('warning', message);
}

/** @param code the exit code */
export function printError(message: string, code: number, error?: unknown): void {
  if (!isJson()) write(message, 'red');
  else printStatus('error', { message, exitCode: code, ...(error instanceof RvqError ? { code: error.code, subject: error.subject } : {}) }, true);
}

/** An object for programs that read stderr; nothing for people. */
export function printStatus(type: string, fields: object, evenIfQuiet = false): void {
  if (isJson() && (!isQuiet() || evenIfQuiet)) process.stderr.write(`${JSON.stringify({ type, ...fields })}\n`);
}

/** Draws the line of a bar, over the one before. */
export function drawBar(line: string): void {
  process.stderr.write(`\r${line}\x1b[K`);
  barDrawn = true;
}

/** Takes the bar away; it is drawn again at its next step. */
export function clearBar(): void {
  if (barDrawn) process.stderr.write('\r\x1b[K');
  barDrawn = false;
}

function printMessage(type: 'note' | 'warning', message: string): void {
  if (isJson()) printStatus(type, { message });
  else if (!isQuiet()) write(type === 'warning' ? `warning: ${message}` : message, type === 'warning' ? 'yellow' : 'dim');
}

function write(text: string, style: Style): void {
  clearBar();
  process.stderr.write(`${paint(process.stderr, style, 'rvq:')} ${text}\n`);
}
