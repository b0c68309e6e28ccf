// Plots as SVG: curves of points over two axes, and bars. Drawn from figures that the caller measured; no work of its own but that.
import { createScale, type Interval, linearTicks, logTicks, roundDomain, type Scale, type ScaleKind } from './scale.ts';
import { drawing, element, marker, place, type Tone, text } from './svg.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly tone: Tone;
  /** In the order in which the curve goes through them. */
  readonly points: readonly Point[];
  /** Whether points are marked, and can be asked for their values; default true. */
  readonly marked?: boolean;
  /** Whether it is in the legend; default true. */
  readonly listed?: boolean;
}

export interface Axis {
  readonly label: string;
  /** Default linear. */
  readonly scale?: ScaleKind;
  /** Where the axis begins and ends; default round values around the points. */
  readonly domain?: Interval;
  /** Default round values, some eight of them. */
  readonly ticks?: readonly number[];
  /** Values with a line across the plot; default the ticks of y. */
  readonly grid?: readonly number[];
  /** How a value of the axis is written; default as JavaScript does. */
  readonly format?: (value: number) => string;
}

export interface LinePlot {
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly width?: number;
  readonly height?: number;
  readonly standalone?: boolean;
}

export interface Bar {
  readonly name: string;
  readonly tone: Tone;
  /** 0 or more. */
  readonly value: number;
}

export interface BarPlot {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly format?: (value: number) => string;
  readonly width?: number;
  readonly standalone?: boolean;
}

/** In units of the drawing: about pixels where it is shown as wide as `WIDTH`. Narrow, so that a phone shows its text at 10 px. */
const WIDTH = 440;
const HEIGHT = 300;
const EDGES = { left: 52, right: 14, top: 58, bottom: 44 };
const LEGEND_HEIGHT = 26;
const TICKS = 8;
/** The mean width of a character, of the legend and of ticks; an estimate, as SVG text cannot be measured here. */
const CHARACTER = 7.2;
const BAR = { pitch: 52, textHeight: 18, thickness: 16 };

/** Curves with a marker at every point, a legend above, grid lines along the ticks of y. */
export function linePlot({ label, x, y, series, width = WIDTH, height = HEIGHT, standalone = false }: LinePlot): string {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) throw new Error('series: expected at least one point, got none');
  const named = series.filter(({ listed = true }) => listed);
  const [right, top, bottom] = [width - EDGES.right, EDGES.top - (named.length === 0 ? LEGEND_HEIGHT : 0), height - EDGES.bottom];
  const up = axisScale(
    y,
    points.map((point) => point.y),
    [bottom, top],
  );
  const left = Math.max(EDGES.left, ...axisTicks(y, up).map((tick) => written(y, tick).length * CHARACTER + 10));
  const across = axisScale(
    x,
    points.map((point) => point.x),
    [left + 10, right - 10],
  );
  const parts = [
    ...(x.grid ?? []).map(across).map((at) => element('line', { class: 'grid', x1: at, x2: at, y1: top, y2: bottom })),
    ...(y.grid ?? axisTicks(y, up)).map(up).map((at) => element('line', { class: 'grid', x1: left, x2: right, y1: at, y2: at })),
    ...axisTicks(y, up).map((tick) => text({ x: left - 8, y: up(tick) + 4.5, 'text-anchor': 'end' }, written(y, tick))),
    ...axisTicks(x, across).map((tick) => text({ x: across(tick), y: bottom + 20, 'text-anchor': 'middle' }, written(x, tick))),
    text({ x: (left + right) / 2, y: height - 6, 'text-anchor': 'middle' }, x.label),
    text({ x: 0, y: top - 16 }, y.label),
    legend(named),
    ...series.map((one) => curve(one, { x, y, across, up })),
  ];
  return drawing({ width, height, label, standalone }, parts);
}

/** Horizontal bars from 0, each under a line with its name and its value. */
export function barPlot({ label, bars, format = String, width = WIDTH, standalone = false }: BarPlot): string {
  const most = Math.max(...bars.map((bar) => bar.value));
  if (!(most > 0)) throw new Error(`bars: expected a value above 0, got ${most}`);
  const along = createScale('linear', [0, most], [0, width]);
  const parts = bars.flatMap(({ name, value, tone }, i) => {
    const words = i * BAR.pitch + BAR.textHeight - 4;
    const strip = { y: i * BAR.pitch + BAR.textHeight + 3, height: BAR.thickness, x: 0, rx: 2 };
    return [
      text({ x: 0, y: words }, name),
      text({ class: 'strong', x: width, y: words, 'text-anchor': 'end' }, format(value)),
      element('rect', { class: 'track', ...strip, width }),
      // a value of little more than nothing still shows
      element('g', { class: `tone-${tone}` }, element('rect', { class: 'mark', ...strip, width: Math.max(2, along(value)) })),
    ];
  });
  return drawing({ width, height: (bars.length - 1) * BAR.pitch + BAR.textHeight + BAR.thickness + 5, label, standalone }, parts);
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
  readonly across: Scale;
  readonly up: Scale;
}

function curve({ name, tone, points, marked = true }: Series, { x, y, across, up }: Axes): string {
  const places = points.map((point) => ({ x: across(point.x), y: up(point.y) }));
  const path = places.map((at, i) => `${i === 0 ? 'M' : 'L'}${place(at.x)} ${place(at.y)}`).join('');
  const title = ({ x: across, y: up }: Point) => `${name}: ${written(x, across)} ${x.label}, ${written(y, up)} ${y.label}`;
  const marks = marked ? places.map((at, i) => marker(tone, at, title(points[i]))) : [];
  return element('g', { class: `tone-${tone}` }, [element('path', { class: 'curve', d: path }), ...marks].join(''));
}

function legend(series: readonly Series[]): string {
  let x = 2; // half a line's width, for its round end
  return series
    .map(({ name, tone }) => {
      const key = element(
        'g',
        { class: `tone-${tone}` },
        element('path', { class: 'curve', d: `M${place(x)} 12h22` }) + marker(tone, { x: x + 11, y: 12 }),
      );
      const words = text({ class: 'strong', x: x + 29, y: 16.5 }, name);
      x += 29 + name.length * CHARACTER + 22;
      return key + words;
    })
    .join('');
}

function axisScale({ scale = 'linear', domain }: Axis, values: readonly number[], range: Interval): Scale {
  return createScale(scale, domain ?? roundDomain(scale, values, TICKS), range);
}

function axisTicks({ scale = 'linear', ticks }: Axis, { domain }: Scale): readonly number[] {
  return ticks ?? (scale === 'log' ? logTicks(domain, TICKS) : linearTicks(domain, TICKS));
}

function written({ format = String }: Axis, value: number): string {
  return format(value);
}
