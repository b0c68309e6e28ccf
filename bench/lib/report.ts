// The README's section of measured figures, from kept results. Pure functions.
import { FAISS, FAISS_OPTIONS, OPENBLAS } from './contenders.ts';
import type { Fact, Race, Results } from './results.ts';
import { MIDDLE, shapeName } from './shapes.ts';
import { rowsPerSecond, timesAsFast } from './statistics.ts';
import { comparedRaces, contenderName, factValue, isOtherShape, markdownTable, raceTitle, ratioText, speedText, withSpread } from './table.ts';

export const MARKERS = { start: '<!-- bench:start -->', end: '<!-- bench:end -->' } as const;

/**
 * @param facts of the benchmark without rivals; none where it was not kept
 * @param others the same benchmark on other machines
 */
export function reportMarkdown(peers: Results, facts: readonly Fact[], others: readonly Results[] = []): string {
  const { machine, date, versions } = peers;
  const lines = [
    `Measured on ${date}: ${machine.cpu}, ${machine.platform}, Node ${machine.node}, one thread${faissText(versions)}.`,
    'Everyone works in turn on the same rows; medians, ± half the distance of the quartiles. The answers are checked first.',
    '',
    comparedTable(peers),
    '',
    `Encode at other shapes, one thing varied from ${shapeName(MIDDLE)}:`,
    '',
    shapeTable(peers),
  ];
  if (facts.length > 0) lines.push('', ...facts.map((fact) => `- ${fact.name}: ${factValue(fact)}`));
  lines.push(...others.flatMap((other) => ['', otherMachineMarkdown(other)]));
  return lines.join('\n');
}

/** The same on another machine: encode, beside faiss, and how many times as fast. */
function otherMachineMarkdown(peers: Results): string {
  const { machine, date, versions } = peers;
  const races = peers.races.filter(({ work }) => work === 'encode');
  const names = [...new Set(races.flatMap(({ contenders }) => contenders.slice(1).map(({ name }) => name)))].filter((name) => name.startsWith(FAISS));
  const lines = races.map((race) => [
    shapeName(race.shape),
    speedText(race, 0),
    ...names.map((name) => {
      const at = race.contenders.findIndex((contender) => contender.name === name);
      return at < 0 ? '' : ratioOf(race, at);
    }),
  ]);
  return [
    `On another machine, ${date}: ${machine.cpu}, ${machine.platform}, Node ${machine.node}, one thread${faissText(versions)}. How many times as fast residual-vq encodes:`,
    '',
    markdownTable([['shape', 'residual-vq', ...names.map((name) => contenderName(name, peers))], ...lines]),
  ].join('\n');
}

function faissText(versions: Results['versions']): string {
  const { [FAISS_OPTIONS]: options, [OPENBLAS]: kernels } = versions;
  if (options === undefined) return '';
  return `; faiss compiled with ${options}, its OpenBLAS's kernels ${kernels ?? 'not recorded'}`;
}

/** A line for each peer at each work. */
function comparedTable(peers: Results): string {
  const lines = comparedRaces(peers.races).flatMap((race) =>
    race.contenders
      .slice(1)
      .map(({ name }, i) => [
        i === 0 ? `${raceTitle(race)} (${race.check})` : '',
        i === 0 ? speedText(race, 0) : '',
        contenderName(name, peers),
        speedText(race, i + 1),
        ratioOf(race, i + 1),
      ]),
  );
  return markdownTable([['work', 'residual-vq', 'against', 'their speed', 'times as fast'], ...lines]);
}

/** A line for each other shape; a column for each way of the rival that ran all of them. */
function shapeTable(peers: Results): string {
  const races = peers.races.filter(isOtherShape);
  const others = races.length === 0 ? [] : races[0].contenders.slice(1).map(({ name }) => name);
  const lines = races.map((race) => [
    shapeName(race.shape),
    withSpread(rowsPerSecond(race.contenders[0]), ' rows/s'),
    ...others.map((_, i) => `${withSpread(rowsPerSecond(race.contenders[i + 1]), ' rows/s')}: **${ratioOf(race, i + 1)}**`),
    race.check,
  ]);
  return markdownTable([['shape', 'residual-vq', ...others.map((name) => `${contenderName(name, peers)}: times as fast`), 'checked'], ...lines]);
}

function ratioOf({ contenders }: Race, at: number): string {
  return ratioText(timesAsFast(contenders[0], contenders[at]));
}

/** The text with what lies between the markers replaced; undefined where it has no such markers. */
export function replaceBetweenMarkers(
  text: string,
  content: string,
  markers: { readonly start: string; readonly end: string } = MARKERS,
): string | undefined {
  const start = text.indexOf(markers.start);
  const end = text.indexOf(markers.end);
  if (start < 0 || end < start) return undefined;
  return `${text.slice(0, start + markers.start.length)}\n${content}\n${text.slice(end)}`;
}
