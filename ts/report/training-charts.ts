// The plots of a training's report.
import { percent, short } from './numbers.ts';
import { type Axis, linePlot, type Point } from './plot.ts';
import { linearTicks } from './scale.ts';
import type { RateDistortion, TrainingData } from './training-data.ts';

/** Values of which the largest is so many times the smallest are drawn by logarithm. */
const WIDE = 4;

/** Stages that have a tick each. */
const MOST_TICKS = 16;

/** Points that are marked one by one, of a curve and of all. */
const MOST_MARKS = 24;
const MOST_MARKS_IN_ALL = 64;

/** Bits a row against relative error. */
export function rateChart({ curves }: RateDistortion): string {
  const series = curves.map(({ beam, points }, i) => ({
    name: beam === 1 ? 'greedy (beam 1)' : `beam ${beam}`,
    tone: i === 0 ? (1 as const) : (2 as const),
    points: points.map(({ bitsPerRow, relativeError }) => ({ x: bitsPerRow, y: 100 * relativeError })),
  }));
  const last = curves.map(({ beam, points }) => `${percent(points[points.length - 1].relativeError)} at beam ${beam}`);
  const y = errorAxis(
    'relative error',
    series.flatMap(({ points }) => points),
  );
  return linePlot({
    label: `Relative error against bits a row. All stages come to ${last.join(', ')}.`,
    x: { label: 'bits a row', ...bitTicks(series[0].points.map(({ x }) => x)) },
    y: { ...y, format: (value) => `${short(value)} %` },
    series,
  });
}

/** mse after each stage. */
export function stageChart({ training }: TrainingData): string {
  const { stages, heldBackMse } = training;
  const own = stages.map(({ mse }, m) => ({ x: m + 1, y: mse }));
  const others = heldBackMse === undefined ? [] : stages.map(({ heldBackMse: mse = Number.NaN }, m) => ({ x: m + 1, y: mse }));
  const marked = stages.length <= MOST_MARKS;
  const series = [
    { name: 'rows that trained', tone: 1 as const, points: own, marked },
    ...(others.length === 0 ? [] : [{ name: 'rows held back', tone: 2 as const, points: others, marked }]),
  ];
  return linePlot({
    label: `mse after each stage: from ${short(own[0].y)} to ${short(own[own.length - 1].y)} for rows that trained.`,
    x: { label: 'stage', ticks: stageTicks(stages.length) },
    y: errorAxis('mse', [...own, ...others]),
    series,
  });
}

/** mse of every iteration, stage beside stage. */
export function iterationChart({ training }: TrainingData): string {
  const { stages } = training;
  let before = 0;
  const ranges = stages.map(({ msePerIteration }, m) => {
    const start = before;
    before += Math.max(1, msePerIteration.length);
    return { stage: m + 1, start, end: before, points: msePerIteration.map((mse, i) => ({ x: start + i + 0.5, y: mse })) };
  });
  const shown = new Set(stageTicks(stages.length));
  const middles = new Map(ranges.filter(({ stage }) => shown.has(stage)).map(({ stage, start, end }) => [(start + end) / 2, stage]));
  const points = ranges.flatMap((range) => range.points);
  return linePlot({
    label: 'mse of every k-means iteration, stage beside stage: it falls within each stage, and from stage to stage.',
    x: {
      label: 'stage, and its iterations from left to right',
      domain: [0, before],
      ticks: [...middles.keys()],
      grid: stages.length <= MOST_TICKS ? ranges.map(({ start }) => start).slice(1) : [],
      format: (value) => String(middles.get(value) ?? ''),
    },
    y: errorAxis('mse', points),
    series: ranges
      .filter((range) => range.points.length > 0)
      .map((range) => ({ name: `stage ${range.stage}`, tone: 1, points: range.points, listed: false, marked: points.length <= MOST_MARKS_IN_ALL })),
  });
}

function errorAxis(label: string, points: readonly Point[]): Axis {
  const values = points.map(({ y }) => y);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const scale = least > 0 && most > WIDE * least ? 'log' : 'linear';
  return { label, scale, format: (value) => short(value) };
}

/** Bits where points lie, as far as they are not too many to be written. */
function bitTicks(bits: readonly number[]): Pick<Axis, 'ticks' | 'domain'> {
  const domain = [0, bits[bits.length - 1]] as const;
  return { domain, ticks: bits.length <= 8 && bits[0] > 0 ? bits : linearTicks(domain, 8) };
}

function stageTicks(stages: number): number[] {
  return stages <= MOST_TICKS ? Array.from({ length: stages }, (_, m) => m + 1) : linearTicks([1, stages], 8).filter(Number.isInteger);
}
