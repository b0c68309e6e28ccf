// docs/img/quantizers.svg: what kinds of quantizers lose, against bits a row, both axes logarithmic. Pure.
import { linePlot } from '../../ts/report/plot.ts';
import type { QuantizerResults } from '../lib/quantizers.ts';

/** Both of ours alike: the one with marks has the beam. The legend has no room for both. */
const TONES = [1, 1, 2, 3] as const;

export function quantizersPlot({ curves, figures }: QuantizerResults): string {
  return linePlot({
    label: `Squared error that is left against bits a row (${figures[0].set}): ${curves.map(({ name }) => name).join(', ')}`,
    x: { label: 'bits a row', scale: 'log', ticks: [8, 16, 32, 64, 128, 256, 512, 1024] },
    y: { label: '% of the squared norm lost', scale: 'log', ticks: [0.01, 0.1, 1, 10] },
    series: curves.map(({ name, points }, i) => ({
      name,
      listed: i > 0,
      tone: TONES[i],
      marked: i > 0, // ours has a point a stage: more marks than a curve can bear
      points: points.map(({ bits, relativeError }) => ({ x: bits, y: 100 * relativeError })),
    })),
    width: 640,
    height: 380,
    standalone: true,
  });
}
