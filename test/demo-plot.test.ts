import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median } from '../demo/speed.ts';
import { tableText } from '../demo/tables.ts';
import { barPlot, linePlot } from '../ts/report/plot.ts';
import { createScale, linearTicks, logTicks, roundDomain } from '../ts/report/scale.ts';
import { escapeText, place } from '../ts/report/svg.ts';
import { tableHtml } from '../ts/report/table.ts';

describe('scales', () => {
  it('put the ends of the domain on the ends of the range', () => {
    for (const kind of ['linear', 'log'] as const) {
      const scale = createScale(kind, [0.5, 50], [200, 20]);
      expect(scale(0.5)).toBeCloseTo(200, 9);
      expect(scale(50)).toBeCloseTo(20, 9);
    }
  });

  it('take a factor as a distance where they are logarithmic', () => {
    const scale = createScale('log', [1, 1000], [0, 300]);
    expect([10, 100].map(scale)).toEqual([100, 200].map((value) => expect.closeTo(value, 9)));
  });

  it('put all on one place where the domain is a point, and refuse 0 by logarithm', () => {
    expect(createScale('linear', [3, 3], [10, 90])(3)).toBe(10);
    expect(() => createScale('log', [0, 1], [0, 1])).toThrow('expected finite ends, positive for log, got 0 to 1');
  });
});

describe('ticks', () => {
  it('are round', () => {
    expect(linearTicks([1, 8], 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(linearTicks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks([-7, 103], 4)).toEqual([0, 50, 100]);
    expect(logTicks([0.5, 50], 8)).toEqual([0.5, 1, 2, 5, 10, 20, 50]);
    expect(logTicks([0.001, 1000], 8)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  });

  it('lie in the domain, and round domains hold all values', () => {
    const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 9 }), fc.constantFrom('linear' as const, 'log' as const), (values, kind) => {
        const [low, high] = roundDomain(kind, values, 8);
        expect(low).toBeLessThanOrEqual(Math.min(...values) * (1 + 1e-6));
        expect(high).toBeGreaterThanOrEqual(Math.max(...values) * (1 - 1e-6));
        const ticks = kind === 'log' ? logTicks([low, high], 8) : linearTicks([low, high], 8);
        expect(ticks.length).toBeLessThan(20);
        for (const tick of ticks) expect(tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)).toBe(true);
      }),
    );
  });
});

const errors = {
  label: 'error "against" stages',
  x: { label: 'stages' },
  y: { label: 'error', scale: 'log' as const },
  series: [
    { name: 'a < b & c', tone: 1 as const, points: [30, 23, 19].map((y, i) => ({ x: i + 1, y })) },
    { name: 'other', tone: 2 as const, points: [2, 1, 0.6].map((y, i) => ({ x: i + 1, y })) },
  ],
};

describe('linePlot', () => {
  it('draws a path and as many marks as there are points, all inside', () => {
    const svg = linePlot(errors);
    expect(count(svg, /<path class="curve" d="M[^"]*L/g)).toBe(2);
    expect(count(svg, /<circle class="mark" cx[^>]*><title>/g)).toBe(3);
    expect(count(svg, /<rect class="mark" x[^>]*><title>/g)).toBe(3);
    for (const [, x, y] of svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)) {
      expect(Number(x) >= 0 && Number(x) <= 440 && Number(y) >= 0 && Number(y) <= 300).toBe(true);
    }
  });

  it('escapes what it is given, and says to those who cannot see what it shows', () => {
    const svg = linePlot(errors);
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).toContain('role="img" aria-label="error &quot;against&quot; stages"');
  });

  it('carries its style and size only where it stands alone', () => {
    expect(linePlot(errors)).not.toMatch(/<style>|<svg[^>]* height=/);
    const alone = linePlot({ ...errors, standalone: true });
    expect(alone).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* width="456" height="316"/);
    expect(alone).toContain('prefers-color-scheme: dark');
  });

  it('writes ticks as the axis says, refuses no points and values that have no place', () => {
    expect(linePlot({ ...errors, y: { ...errors.y, format: (value) => `${value} %` } })).toContain('>0.5 %</text>');
    expect(() => linePlot({ ...errors, series: [] })).toThrow('expected at least one point');
    expect(() => linePlot({ ...errors, series: [{ name: 'zero', tone: 1, points: [{ x: 1, y: 0 }] }] })).toThrow();
  });
});

describe('barPlot', () => {
  it('makes bars as long as their values, the longest as wide as the plot', () => {
    const svg = barPlot({
      label: 'speed',
      bars: [
        { name: 'fast', tone: 1, value: 400 },
        { name: 'slow', tone: 2, value: 100 },
        { name: 'still', tone: 3, value: 0 },
      ],
    });
    expect([...svg.matchAll(/class="mark"[^>]* width="([\d.]+)"/g)].map((match) => match[1])).toEqual(['440', '110', '2']);
    expect(() => barPlot({ label: 'none', bars: [] })).toThrow('expected a value above 0');
  });
});

describe('tables', () => {
  const table = {
    caption: 'errors',
    heads: ['stages', 'mse'],
    rows: [
      ['1', '77,973'],
      ['8', '<9'],
    ],
  };

  it('stand in columns as text', () => {
    expect(tableText(table)).toBe(['errors', '  stages      mse', '  1        77,973', '  8            <9'].join('\n'));
  });

  it('name columns and rows in HTML, escaped', () => {
    const html = tableHtml(table);
    expect(html).toContain('<caption>errors</caption>');
    expect(html).toContain('<th scope="col">mse</th>');
    expect(html).toContain('<tr><th scope="row">8</th><td>&lt;9</td></tr>');
  });
});

describe('figures', () => {
  it('have the middle value as median', () => {
    expect([median([3]), median([9, 1, 5]), median([4, 1, 3, 2])]).toEqual([3, 5, 2.5]);
  });

  it('are written short and safe', () => {
    expect([place(12.3456), place(-0.001), place(7)]).toEqual(['12.35', '0', '7']);
    expect(() => place(Number.NaN)).toThrow('expected a finite number, got NaN');
    expect(escapeText('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
  });
});

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}
