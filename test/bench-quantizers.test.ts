// The table, the section and the plot that compare kinds of quantizers.
import { describe, expect, it } from 'vitest';
import { bitsFor, type QuantizerResults, quantizerMarkdown, quantizerTable } from '../bench/lib/quantizers.ts';
import { quantizersPlot } from '../bench/plot/quantizers.ts';

const OURS = { name: 'ours', points: [8, 16, 24].map((bits) => ({ bits, relativeError: 0.8 / bits })) };
const figure = { set: 'A, d 2, 2 x 256', bits: 16, mse: 1, rowsPerSecond: 123_456 };
const results: QuantizerResults = {
  machine: { cpu: 'A CPU', cores: 2, memoryGB: 8, platform: 'linux x64', node: 'v20.0.0', v8: '11', threads: 1 },
  date: '2026-01-02',
  quick: false,
  faiss: '1.2.3',
  figures: [
    { ...figure, name: 'ours', relativeError: 0.05 },
    { ...figure, name: 'product', relativeError: 0.06, rowsPerSecond: 999_999 },
    { ...figure, name: 'scalar', bits: 1024, relativeError: 0.0012345 },
    { ...figure, name: 'ours', set: 'B', bits: 8, relativeError: 0.5 },
    { ...figure, name: 'scalar', set: 'B', bits: 16, relativeError: 0.25 },
  ],
  curves: [OURS, { ...OURS, name: 'ours, beam' }, { name: 'product', points: [{ bits: 16, relativeError: 0.06 }] }],
};

describe('kinds of quantizers', () => {
  it('have their bits at an error from the curve: the fewest that lose no more', () => {
    expect([0.2, 0.1, 0.05, 0.04, 0.03].map((error) => bitsFor(OURS, error))).toEqual([8, 8, 16, 24, undefined]);
  });

  it('stand in a table with what they lose, with their bits where these are others, and what we need for as little', () => {
    expect(quantizerTable(results).split('\n')).toEqual([
      '| quantizer | A, d 2, 2 x 256: 16 bits | rows/s | ours, needs | B: 8 bits |',
      '| --- | ---: | ---: | ---: | ---: |',
      '| ours | 5 % | 123,000 |  | 50 % |',
      '| product | 6 % | 1,000,000 | 16 bits |  |',
      '| scalar | 0.123 % (1,024 bits) | 123,000 | over 24 bits | 25 % (16 bits) |',
    ]);
  });

  it('are told with the machine, the date and the version of faiss', () => {
    expect(quantizerMarkdown(results)).toContain('Measured on 2026-01-02: A CPU, faiss-cpu 1.2.3.\n\n| quantizer |');
  });

  it('are drawn with a curve each, and the same results give the same picture', () => {
    const svg = quantizersPlot(results);
    // each in the legend and in the plot, but both of ours together in the legend
    expect(svg.match(/<g class="tone-1"><path class="curve"/g)).toHaveLength(3);
    expect(svg.match(/<g class="tone-2"><path class="curve"/g)).toHaveLength(2);
    expect(svg).toContain('<title>product: 16 bits a row');
    expect(quantizersPlot(results)).toBe(svg);
  });
});
