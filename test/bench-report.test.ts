import { describe, expect, it } from 'vitest';
import { FAISS_OPTIONS, OPENBLAS } from '../bench/lib/contenders.ts';
import type { Growth } from '../bench/lib/growth.ts';
import { MARKERS, replaceBetweenMarkers, reportMarkdown } from '../bench/lib/report.ts';
import type { Race, Results } from '../bench/lib/results.ts';
import { MIDDLE } from '../bench/lib/shapes.ts';
import { factLines, markdownTable, raceLines, ratioText, short, textTable, withSpread } from '../bench/lib/table.ts';
import { growthPlot } from '../bench/plot/growth.ts';
import { speedPlot } from '../bench/plot/speed.ts';

const encode: Race = {
  work: 'encode',
  shape: MIDDLE,
  contenders: [
    { name: 'residual-vq', rows: 20_000, seconds: [0.1, 0.1, 0.1] },
    { name: 'faiss-cpu', rows: 20_000, seconds: [0.2, 0.2, 0.2] },
    { name: 'faiss-cpu, in blocks', rows: 20_000, seconds: [0.05, 0.05, 0.05] },
  ],
  check: 'same codes',
};
const wide: Race = { ...encode, shape: { ...MIDDLE, dim: 768 } };
const training: Race = {
  work: 'train',
  shape: MIDDLE,
  contenders: [
    { name: 'residual-vq', rows: 30_000, seconds: [3] },
    { name: 'faiss-cpu', rows: 30_000, seconds: [2] },
  ],
  check: 'mse 1 against 2',
};
const results: Results = {
  machine: { cpu: 'A & B <CPU>', cores: 2, memoryGB: 8, platform: 'linux x64', node: 'v20.0.0', v8: '11', threads: 1 },
  date: '2026-01-02',
  quick: false,
  versions: { 'faiss-cpu': '1.15.1', '@tensorflow/tfjs-core': '4.22.0' },
  races: [encode, wide, training],
  facts: [],
};

describe('numbers', () => {
  it.each([
    [123_456, '123,000'],
    [9_870_000, '9,870,000'],
    [4.5678, '4.57'],
    [0.012345, '0.0123'],
    [12, '12'],
  ])('%d is written %s', (value, text) => {
    expect(short(value)).toBe(text);
  });

  it('have their spread in percent', () => {
    expect(withSpread({ median: 1000, lower: 980, upper: 1020 }, ' rows/s')).toBe('1,000 rows/s ± 2 %');
    expect(withSpread({ median: 1000, lower: 700, upper: 1043 })).toBe('1,000 ± 17 %');
  });

  it('say where we are slower: in three quarters of the rounds', () => {
    expect(ratioText({ median: Math.SQRT2, lower: 1.4, upper: 1.5 })).toBe('1.41');
    expect(ratioText({ median: 0.8, lower: 0.7, upper: 0.9 })).toBe('0.8 (slower)');
    expect(ratioText({ median: 0.99, lower: 0.9, upper: 1.1 })).toBe('0.99');
  });

  it('are held against their limits', () => {
    const facts = [
      { name: '.wasm', value: 64_200, unit: 'bytes', limit: 100_000 },
      { name: 'first call', value: 21.3, unit: 'ms', limit: 20 },
    ] as const;
    expect(factLines(facts)).toEqual([
      ['.wasm', '64.2 kB', 'under 100 kB', 'ok'],
      ['first call', '21.3 ms', 'under 20 ms', 'TOO MUCH'],
    ]);
  });
});

describe('tables', () => {
  it('align for a terminal', () => {
    const lines = [
      ['work', 'speed'],
      ['encode', '9'],
    ];
    expect(textTable(lines)).toBe('work    speed\nencode      9');
  });

  it('are Markdown, with bars within a cell escaped', () => {
    const lines = [
      ['a', 'b'],
      ['x|y', '1'],
    ];
    expect(markdownTable(lines)).toBe('| a | b |\n| --- | ---: |\n| x\\|y | 1 |');
  });

  it('show every contender of a race, also those that won', () => {
    expect(raceLines([encode]).map(([, name, speed, ratio]) => [name, speed, ratio])).toEqual([
      ['residual-vq', '200,000 rows/s ± 0 %', 'same codes'],
      ['faiss-cpu', '100,000 rows/s ± 0 %', '2'],
      ['faiss-cpu, in blocks', '400,000 rows/s ± 0 %', '0.5 (slower)'],
    ]);
  });
});

describe('the section of the README', () => {
  const section = reportMarkdown(results, [{ name: '.wasm', value: 64_200, unit: 'bytes', limit: 100_000 }]);

  it('has machine and date, every peer with its version, and the facts', () => {
    expect(section).toContain('Measured on 2026-01-02: A & B <CPU>, linux x64, Node v20.0.0, one thread');
    expect(section).toContain('| faiss-cpu 1.15.1, in blocks | 400,000 rows/s ± 0 % | 0.5 (slower) |');
    expect(section).toContain('| 3 s ± 0 % | faiss-cpu 1.15.1 | 2 s ± 0 % | 0.667 (slower) |');
    expect(section).toContain('- .wasm: 64.2 kB');
  });

  it('has other shapes in a table of their own', () => {
    expect(section).toMatch(/^\| 8 x 256, d 768 \| 200,000 rows\/s ± 0 % \| 100,000 rows\/s ± 0 %: \*\*2\*\* \|/m);
  });

  it('has a short table of each other machine, with the kernels that faiss ran on', () => {
    const versions = { ...results.versions, [FAISS_OPTIONS]: 'AVX512', [OPENBLAS]: 'SkylakeX, which it was told to take' };
    const tables = {
      ...encode,
      shape: { ...MIDDLE, beam: 5 },
      contenders: [...encode.contenders, { name: 'faiss-cpu, tables', rows: 20_000, seconds: [0.4, 0.4, 0.4] }],
    };
    const other: Results = {
      ...results,
      date: '2026-03-04',
      machine: { ...results.machine, cpu: 'Other' },
      versions,
      races: [encode, tables, training],
    };
    const both = reportMarkdown(results, [{ name: '.wasm', value: 64_200, unit: 'bytes', limit: 100_000 }], [other]);
    expect(both.indexOf('- .wasm')).toBeLessThan(both.indexOf('On another machine')); // facts are of the first
    expect(both).toContain(
      "On another machine, 2026-03-04: Other, linux x64, Node v20.0.0, one thread; faiss compiled with AVX512, its OpenBLAS's kernels SkylakeX, which",
    );
    expect(both).toContain('| shape | residual-vq | faiss-cpu 1.15.1 | faiss-cpu 1.15.1, in blocks | faiss-cpu 1.15.1, tables |');
    expect(both).toContain('| 8 x 256, d 128 | 200,000 rows/s ± 0 % | 2 | 0.5 (slower) |  |');
    expect(both).toContain('| 8 x 256, d 128, beam 5 | 200,000 rows/s ± 0 % | 2 | 0.5 (slower) | 4 |');
    expect(section).not.toContain('another machine');
  });

  it('replaces what lies between the markers and nothing else', () => {
    const text = `before\n${MARKERS.start}\nold\n${MARKERS.end}\nafter\n`;
    const once = replaceBetweenMarkers(text, 'new');
    expect(once).toBe(`before\n${MARKERS.start}\nnew\n${MARKERS.end}\nafter\n`);
    expect(replaceBetweenMarkers(once ?? '', 'new')).toBe(once);
    expect(replaceBetweenMarkers('no markers', 'new')).toBeUndefined();
    expect(replaceBetweenMarkers(`${MARKERS.end} ${MARKERS.start}`, 'new')).toBeUndefined();
  });
});

describe('plots', () => {
  const linear: Growth = {
    factor: 'dim',
    contender: 'residual-vq',
    points: [
      { x: 32, y: 1e-6 },
      { x: 768, y: 24e-6 },
    ],
    exponent: 1,
  };

  it.each([
    ['speed', speedPlot(results)],
    ['growth', growthPlot([[linear]], ['a & b'])],
  ])('%s is one SVG for light and dark pages that needs no other file', (_, svg) => {
    expect(svg).toMatch(/^<svg xmlns="[^"]+" viewBox="0 0 \d+ \d+"/);
    expect(svg).toMatch(/<\/svg>\n$/);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).not.toMatch(/href|url\(|@import|NaN|Infinity|undefined/);
    expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
    expect(svg.match(/<g[ >]/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
  });

  it('speed has bars in proportion, ours first, and leaves out training and other shapes', () => {
    const widths = [...speedPlot(results).matchAll(/<rect class="(ours|other)" x="\d+" y="\d+" width="([\d.]+)"/g)];
    expect(widths.map(([, kind]) => kind)).toEqual(['ours', 'other', 'other']);
    const [ours, all, blocks] = widths.map(([, , width]) => Number(width));
    expect(ours / blocks).toBeCloseTo(0.5, 2);
    expect(all / blocks).toBeCloseTo(0.25, 2);
  });

  it('growth says the power in words too', () => {
    expect(growthPlot([[linear]], [])).toContain('aria-label="residual-vq: time grows with dim to the power 1"');
  });
});
