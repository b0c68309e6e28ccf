// docs/img/growth.svg: the time of an encode against rows, stages, codewords and dim, both axes logarithmic. Pure functions.
import { count } from '../../ts/model/errors.ts';
import type { Growth } from '../lib/growth.ts';
import { short } from '../lib/table.ts';
import { path, picture, rounded, text } from './svg.ts';

const PANEL = { width: 340, height: 220, left: 60, right: 14, top: 44, bottom: 34 } as const;
const COLUMNS = 2;
/** Height of a line below the panels. */
const NOTE = 18;
/** Labels of the axis below closer than this would run into each other. */
const LABEL = 30;

/**
 * One panel a factor, with a line for each growth of it; the first is ours. The dotted line through our largest value grows linearly.
 */
export function growthPlot(panels: readonly (readonly Growth[])[], notes: readonly string[]): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const content = panels.flatMap((growths, i) => {
    const [x, y] = [(i % COLUMNS) * PANEL.width, Math.floor(i / COLUMNS) * PANEL.height];
    return [`<g transform="translate(${x} ${y})">`, ...drawPanel(growths), '</g>'];
  });
  notes.forEach((note, i) => {
    content.push(text(PANEL.left, rows * PANEL.height + 10 + i * NOTE, note, { kind: 'quiet' }));
  });
  const label = panels
    .map(([{ factor, contender, exponent }]) => `${contender}: time grows with ${factor} to the power ${short(exponent)}`)
    .join('. ');
  return picture(COLUMNS * PANEL.width, rows * PANEL.height + 10 + notes.length * NOTE, label, content);
}

function drawPanel(growths: readonly Growth[]): string[] {
  const [{ factor, points, exponent }] = growths;
  const all = growths.flatMap((growth) => growth.points);
  const across = logScale(
    all.map(({ x }) => x),
    PANEL.left,
    PANEL.width - PANEL.right,
  );
  const last = points[points.length - 1];
  const guide = [points[0].x, last.x].map((x) => ({ x, y: (last.y * x) / last.x }));
  const up = logScale(
    [...all, ...guide].map(({ y }) => y),
    PANEL.height - PANEL.bottom,
    PANEL.top,
  );
  const place = ({ x, y }: { x: number; y: number }) => [across(x), up(y)] as const;
  const [bottom, left] = [PANEL.height - PANEL.bottom, PANEL.left];
  const lines = [
    text(left, 18, factor, { kind: 'title' }),
    text(left, 34, `${unitOf(factor).name}; grows to the power ${short(exponent)}`, { kind: 'quiet' }),
    path('axis', [
      [left, PANEL.top],
      [left, bottom],
      [PANEL.width - PANEL.right, bottom],
    ]),
    path('guide', guide.map(place)),
  ];
  points.forEach(({ x }, i) => {
    if (i > 0 && across(x) - across(points[i - 1].x) < LABEL) return;
    lines.push(text(across(x), bottom + 16, count(x), { anchor: 'middle', kind: 'quiet' }));
  });
  for (const { y } of [points[0], last]) lines.push(text(left - 6, up(y) + 4, short(y * unitOf(factor).perSecond), { anchor: 'end', kind: 'quiet' }));
  growths.forEach((growth, i) => {
    const kind = i === 0 ? 'ours' : 'other';
    lines.push(path(`line ${kind}`, growth.points.map(place)));
    for (const point of growth.points) lines.push(`<circle class="${kind}" cx="${rounded(across(point.x))}" cy="${rounded(up(point.y))}" r="3"/>`);
  });
  return lines;
}

function unitOf(factor: Growth['factor']): { readonly name: string; readonly perSecond: number } {
  return factor === 'rows' ? { name: 'ms', perSecond: 1e3 } : { name: 'µs a row', perSecond: 1e6 };
}

/** The smallest value lies at `from`, the largest at `to`. */
function logScale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + ((Math.log(value) - least) / (most - least)) * (to - from);
}
