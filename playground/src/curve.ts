// The plot over stages: quality on the left, bits on the right.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { StageFigures } from './stages.ts';

export interface Curve {
  /** Marks the stages that are shown. */
  mark(stages: number): void;
  remove(): void;
}

const HEIGHT = 280;

export function drawCurve(place: HTMLElement, figures: readonly StageFigures[], onPick: (stages: number) => void): Curve {
  const picture = figures[0].psnr !== undefined;
  const stages = figures.map((_, m) => m + 1);
  const quality = figures.map(({ psnr, relativeError }) => (picture ? (psnr ?? null) : 100 * relativeError));
  const cost = figures.map(({ bitsPerPixel, bitsPerRow }) => bitsPerPixel ?? bitsPerRow);
  let marked = 0;

  const series = (label: string, scale: string, color: string, digits: number): uPlot.Series => ({
    label,
    scale,
    stroke: () => tone(color),
    width: 2,
    points: { show: true, size: 7, fill: () => tone('--paper'), stroke: () => tone(color) },
    value: (_, value) => (value === null ? '' : value.toFixed(digits)),
  });
  const axis = (scale: string, label: string, color: string, side: 1 | 3, grid: boolean): uPlot.Axis => ({
    scale,
    side,
    label,
    labelSize: 22,
    size: 48,
    font: FONT,
    labelFont: FONT,
    stroke: () => tone(color),
    grid: { show: grid, stroke: () => tone('--line'), width: 1 },
    ticks: { show: false },
  });
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      padding: [12, null, null, null],
      scales: { x: { time: false, range: [0.75, figures.length + 0.25] }, quality: {}, cost: { range: (_, __, most) => [0, most * 1.08] } },
      legend: { markers: { width: 2 } },
      cursor: { drag: { x: false, y: false }, y: false },
      series: [
        { label: 'stages', value: (_, value) => (value === null ? '' : String(value)) },
        series(picture ? 'PSNR, dB' : 'relative error, %', 'quality', '--plot-1', picture ? 1 : 2),
        series(picture ? 'bits per pixel' : 'bits per row', 'cost', '--plot-2', picture ? 2 : 0),
      ],
      axes: [
        {
          label: 'stages',
          labelSize: 22,
          size: 40,
          font: FONT,
          labelFont: FONT,
          stroke: () => tone('--soft'),
          grid: { show: false },
          ticks: { show: false },
          incrs: [1, 2, 4],
        },
        axis('quality', picture ? 'PSNR, dB' : 'relative error, %', '--plot-1', 3, true),
        axis('cost', picture ? 'bits per pixel' : 'bits per row', '--plot-2', 1, false),
      ],
      hooks: {
        draw: [
          ({ ctx, bbox, valToPos }) => {
            if (marked === 0) return;
            const x = Math.round(valToPos(marked, 'x', true));
            ctx.save();
            ctx.strokeStyle = tone('--ink');
            ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
            ctx.lineWidth = devicePixelRatio;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            ctx.restore();
          },
        ],
      },
    },
    [stages, quality, cost],
    place,
  );
  plot.over.addEventListener('click', () => {
    const index = plot.cursor.idx;
    if (typeof index === 'number') onPick(index + 1);
  });

  const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
  resized.observe(place);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const recolor = () => plot.redraw(false, true);
  dark.addEventListener('change', recolor);
  return {
    mark(shown) {
      marked = shown;
      plot.setLegend({ idx: shown - 1 }, false);
      plot.redraw(false, false);
    },
    remove() {
      resized.disconnect();
      dark.removeEventListener('change', recolor);
      plot.destroy();
    },
  };
}

const FONT = '13px system-ui, sans-serif';

function tone(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
