// docs/img/speed.svg: rows a second as bars, ours above those that did the same work in turn. Pure functions.
import { count } from '../../ts/model/errors.ts';
import type { Results } from '../lib/results.ts';
import { rowsPerSecond, type Summary } from '../lib/statistics.ts';
import { comparedRaces, contenderName, raceTitle, short } from '../lib/table.ts';
import { path, picture, rounded, text } from './svg.ts';

const WIDTH = 800;
const MARGIN = 16;
const LABELS = 225;
const VALUES = 90;
const BAR = { height: 16, step: 24 } as const;
const PANEL = { head: 26, foot: 20 } as const;

interface Bar {
  readonly name: string;
  readonly rate: Summary;
  readonly ours: boolean;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** One panel a race whose work is rows: encode at the shape in the middle, decode, the nearest codeword. */
export function speedPlot(results: Results): string {
  const panels = comparedRaces(results.races)
    .filter(({ work }) => work !== 'train' && work !== 'k-means')
    .map(
      (race): Panel => ({
        title: `${raceTitle(race)}: rows a second`,
        bars: race.contenders.map((contender, at) => ({
          name: contenderName(contender.name, results),
          rate: rowsPerSecond(contender),
          ours: at === 0,
        })),
      }),
    );
  const content: string[] = [];
  let y = MARGIN;
  for (const panel of panels) {
    content.push(...drawPanel(panel, y));
    y += PANEL.head + panel.bars.length * BAR.step + PANEL.foot;
  }
  content.push(
    text(MARGIN, y + 4, `${results.machine.cpu}, one thread, Node ${results.machine.node}; median, and half of the repetitions within the line`, {
      kind: 'quiet',
    }),
  );
  const label = panels.map(({ title, bars }) => `${title}: ${bars.map(({ name, rate }) => `${name} ${short(rate.median)}`).join(', ')}`).join('. ');
  return picture(WIDTH, y + MARGIN, label, content);
}

/** A bar's length is in proportion to its rate, from zero. */
function drawPanel({ title, bars }: Panel, top: number): string[] {
  const most = Math.max(...bars.map(({ rate }) => rate.upper));
  const left = MARGIN + LABELS;
  const scale = (WIDTH - MARGIN - VALUES - left) / most;
  const lines = [text(MARGIN, top + 12, title, { kind: 'title' })];
  bars.forEach(({ name, rate, ours }, i) => {
    const y = top + PANEL.head + i * BAR.step;
    const middle = y + BAR.height / 2;
    const width = Math.max(1, rate.median * scale);
    const value = count(Number(rate.median.toPrecision(3)));
    lines.push(
      text(left - 8, middle + 4.5, name, { anchor: 'end' }),
      `<rect class="${ours ? 'ours' : 'other'}" x="${left}" y="${y}" width="${rounded(width)}" height="${BAR.height}" rx="2"/>`,
      path('spread', [
        [left + rate.lower * scale, middle],
        [left + rate.upper * scale, middle],
      ]),
      text(left + Math.max(width, rate.upper * scale) + 8, middle + 4.5, value),
    );
  });
  return lines;
}
