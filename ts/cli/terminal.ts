// What the user sees: results on stdout, notes and progress on stderr.
import { count } from '../model/errors.ts';

export function printResult(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printNote(text: string): void {
  process.stderr.write(`rvq: ${text}\n`);
}

/** Columns of text, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n');
}

/** "8 stages x 256 codewords", or "stages of 32, 64, 128 codewords". */
export function stagesText(codewords: readonly number[]): string {
  const stages = codewords.length === 1 ? '1 stage' : `${count(codewords.length)} stages`;
  if (codewords.every((size) => size === codewords[0])) return `${stages} x ${count(codewords[0])} codewords`;
  const sizes = codewords.slice(0, 8).map(count).join(', ');
  return `${stages} of ${sizes}${codewords.length > 8 ? ', ...' : ''} codewords`;
}

/** Four digits that count: 31230, 0.4312, 1.2e-7. */
export function short(value: number): string {
  if (Number.isInteger(value)) return count(value);
  if (Math.abs(value) >= 1000) return count(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

export function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

/** "1,234,000 rows a second", to four digits. */
export function rate(rows: number, seconds: number): string {
  return `${count(Math.round(Number((rows / Math.max(seconds, 1e-9)).toPrecision(4))))} rows a second`;
}

/** "12 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.ceil(whole / 60);
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

export interface ProgressBar {
  /** Whether it can be seen. */
  readonly visible: boolean;
  /** @param fraction how much is done, 0 to 1 */
  show(fraction: number, text: string): void;
  /** Removes the bar. */
  end(): void;
}

const BAR_WIDTH = 30;
const REDRAW_MILLISECONDS = 100;

/** A bar on stderr where that is a terminal, nothing elsewhere. */
export function createProgressBar(): ProgressBar {
  const { stderr } = process;
  if (!stderr.isTTY) return { visible: false, show() {}, end() {} };
  let drawn = Number.NEGATIVE_INFINITY; // milliseconds
  return {
    visible: true,
    show(fraction, text) {
      if (performance.now() - drawn < REDRAW_MILLISECONDS) return;
      drawn = performance.now();
      const full = Math.round(fraction * BAR_WIDTH);
      const bar = `${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}`;
      const line = `[${bar}] ${String(Math.floor(100 * fraction)).padStart(3)} %  ${text}`;
      stderr.write(`\r${line.slice(0, (stderr.columns || 80) - 1)}\x1b[K`);
    },
    end() {
      stderr.write('\r\x1b[K');
    },
  };
}
