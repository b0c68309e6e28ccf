// Tables and the numbers in them, as text and as Markdown. Pure functions.
import { count } from '../../ts/model/errors.ts';
import type { Fact, Race, Results } from './results.ts';
import { isMiddle, MIDDLE, shapeName } from './shapes.ts';
import { rowsPerSecond, type Summary, spread, summarize, timesAsFast } from './statistics.ts';

/** Columns for a terminal, the first to the left, the others to the right. */
export function textTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))))
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

/** The first line is the head. */
export function markdownTable(lines: readonly (readonly string[])[]): string {
  const [head, ...body] = lines.map((line) => `| ${line.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  const rule = `| ${lines[0].map((_, column) => (column === 0 ? '---' : '---:')).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

/** Three digits that count, with thousands set apart: 9,870,000; 123,000; 4.56; 0.0123. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Number.isInteger(rounded) ? count(rounded) : String(rounded);
}

/** "123,000 ± 2 %". */
export function withSpread(summary: Summary, unit = ''): string {
  const percent = 100 * spread(summary);
  return `${short(summary.median)}${unit} ± ${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** What a contender did: rows a second where rows are the work, else seconds. */
export function speedText({ work, contenders }: Race, at: number): string {
  if (work === 'train' || work === 'k-means') return withSpread(summarize(contenders[at].seconds), ' s');
  return withSpread(rowsPerSecond(contenders[at]), ' rows/s');
}

/** "1.43"; where three quarters of the rounds were lost it says so. */
export function ratioText({ median, upper }: Summary): string {
  return upper < 1 ? `${short(median)} (slower)` : short(median);
}

/** "encode, 8 x 256, d 128, 20,000 rows". */
export function raceTitle({ work, shape, contenders }: Race): string {
  return `${work}, ${shapeName(shape)}, ${count(contenders[0].rows)} rows`;
}

/** Encode at another shape than the one in the middle: too many for the main table, they have one of their own. */
export function isOtherShape({ work, shape }: Race): boolean {
  return work === 'encode' && !isMiddle({ ...shape, beam: MIDDLE.beam });
}

/** The races of the main table: what was run against others at the shape in the middle. */
export function comparedRaces(races: readonly Race[]): Race[] {
  return races.filter((race) => race.contenders.length > 1 && !isOtherShape(race));
}

/** "onnxruntime-web 1.30.0": with the version, where the results know one. */
export function contenderName(name: string, { versions }: Pick<Results, 'versions'>): string {
  const [plain, ...details] = name.split(', ');
  const known = Object.keys(versions).find((key) => key === plain || key.endsWith(`/${plain}`));
  return known === undefined ? name : [`${plain} ${versions[known]}`, ...details].join(', ');
}

/** A line for each contender: work, who, speed, how many times as fast we are. */
export function raceLines(races: readonly Race[]): string[][] {
  return races.flatMap((race) =>
    race.contenders.map(({ name }, at) => [
      at === 0 ? raceTitle(race) : '',
      name,
      speedText(race, at),
      at === 0 ? race.check : ratioText(timesAsFast(race.contenders[0], race.contenders[at])),
    ]),
  );
}

export function factValue({ value, unit }: Pick<Fact, 'value' | 'unit'>): string {
  return unit === 'ms' ? `${short(value)} ms` : byteText(value);
}

/** "ok", or "TOO MUCH" where a fact has passed its limit. */
export function factLines(facts: readonly Fact[]): string[][] {
  return facts.map((fact) => [
    fact.name,
    factValue(fact),
    `under ${factValue({ ...fact, value: fact.limit })}`,
    fact.value < fact.limit ? 'ok' : 'TOO MUCH',
  ]);
}

/** Bytes in decimal units: 999 bytes, 64.2 kB, 4.19 MB. */
function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${short(bytes / 1000)} kB` : `${short(bytes / 1_000_000)} MB`;
}
