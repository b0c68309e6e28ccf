// Words for what people read: tables, numbers, times.
import { count, counted } from '../model/errors.ts';

/** Columns of text, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n');
}

/** "8 stages x 256 codewords", or "stages of 32, 64, 128 codewords". */
export function stagesText(codewords: readonly number[]): string {
  const stages = counted(codewords.length, 'stages');
  if (codewords.every((size) => size === codewords[0])) return `${stages} x ${counted(codewords[0], 'codewords')}`;
  const sizes = codewords.slice(0, 8).map(count).join(', ');
  return `${stages} of ${sizes}${codewords.length > 8 ? ', ...' : ''} codewords`;
}

/** Four digits that count, and all of a whole number: 31,230, 0.4312, 1.2e-7, 2.673e+30. */
export function short(value: number): string {
  if (Math.abs(value) >= 1e15) return Number.isFinite(value) ? value.toExponential(3) : String(value);
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

/** "512 bytes", "1.2 kB", "7.3 MB": powers of 1000, as file managers and disks count. */
export function byteSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}
