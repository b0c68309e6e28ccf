// The plots of the report. They take figures alone, so that others may draw them again from demo/out/report.json.

import { barPlot, linePlot } from '../ts/report/plot.ts';
import { type Figures, percent, type SpeedFigures, short } from './figures.ts';

export interface ChartOptions {
  /** A file of its own, with its style inside; default a part of the report. */
  readonly standalone?: boolean;
}

/** Relative error against stages, for the descriptors and the photograph: by logarithm, as one has many times the error of the other. */
export function errorChart({ sift, photograph }: Pick<Figures, 'sift' | 'photograph'>, { standalone = false }: ChartOptions = {}): string {
  const points = (errors: readonly number[]) => errors.map((error, m) => ({ x: m + 1, y: 100 * error }));
  const fall = (errors: readonly number[]) => `from ${percent(errors[0])} to ${percent(errors[errors.length - 1])}`;
  const [descriptors, patches] = [sift.evaluation.relativeErrorPerStage, photograph.evaluation.relativeErrorPerStage];
  return linePlot({
    label: `Relative error against stages: SIFT ${fall(descriptors)}, the photograph ${fall(patches)}. The curves fall with every stage.`,
    x: { label: 'stages', ticks: descriptors.map((_, m) => m + 1) },
    y: { label: 'relative error', scale: 'log', format: (value) => `${short(value)} %` },
    series: [
      { name: 'SIFT descriptors', tone: 1, points: points(descriptors) },
      { name: 'photograph', tone: 2, points: points(patches) },
    ],
    standalone,
  });
}

/** Rows a second of both engines. */
export function speedChart({ wasm, reference }: SpeedFigures, { standalone = false }: ChartOptions = {}): string {
  const bars = [
    { name: 'WebAssembly', tone: 1, value: wasm.rowsPerSecond },
    { name: 'TypeScript reference', tone: 2, value: reference.rowsPerSecond },
  ] as const;
  return barPlot({
    label: `Rows encoded a second: ${bars.map(({ name, value }) => `${name} ${short(value)}`).join(', ')}.`,
    bars,
    format: (value) => `${short(value)} rows/s`,
    standalone,
  });
}
