// The page of a training: complete, safe, of one file, whatever the training was like.
import { describe, expect, it } from 'vitest';
import { prefixLengths, rateCurves } from '../ts/cli/rate-distortion.ts';
import { codebook as createCodebook, evaluate, type Matrix, matrix, randomCodebook, type TrainOptions, train } from '../ts/index.ts';
import { settingsOf } from '../ts/kmeans/checkpoint.ts';
import { planFor, readSettings } from '../ts/kmeans/plan.ts';
import { trainingHtml } from '../ts/report/training.ts';
import type { TrainingData } from '../ts/report/training-data.ts';
import { topOf, usePlot } from '../ts/report/use-plot.ts';
import { normalRows } from './support/rows.ts';

const verbs = { evaluate: async (...args: Parameters<typeof evaluate>) => evaluate(...args) };
const rows = normalRows({ rows: 800, dim: 6 });

async function dataOf(vectors: Matrix, options: TrainOptions, file = 'vectors.fvecs'): Promise<TrainingData> {
  const { codebook, report } = await train(vectors, options);
  const { id, dim, codewords } = codebook;
  const curves = await rateCurves(verbs, codebook, vectors, { trainedWith: options.beam ?? 1, signal: new AbortController().signal, done() {} });
  return {
    format: 'residual-vq training report',
    version: 1,
    residualVq: '0.0.0',
    vectors: { file, rows: vectors.rows, dim },
    codebook: { file: 'book.safetensors', id, dim, codewords, bitsPerRow: codewords.reduce((sum, k) => sum + Math.ceil(Math.log2(k)), 0) },
    command: `rvq train '${file}' --stages ${options.stages}`,
    options: settingsOf(planFor(readSettings(options), dim)),
    threads: 1,
    seconds: 1.5,
    training: report,
    rateDistortion: { rows: vectors.rows, heldBack: report.heldBackMse !== undefined, curves },
  };
}

/** Checks that tags are balanced, and gives the ids that headings are named by. */
function checkMarkup(html: string): void {
  const open: string[] = [];
  const body = html.replace(/<style>[\s\S]*?<\/style>/, '');
  for (const [, end, name, selfClosed] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (['meta', 'br'].includes(name) || selfClosed === '/') continue;
    if (end === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
  expect(body.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  expect(body).not.toMatch(/NaN|undefined|Infinity|\[object/);
  for (const [, id] of html.matchAll(/aria-labelledby="([^"]+)"/g)) expect(html).toContain(`<h2 id="${id}">`);
}

describe('the page of a training', () => {
  it.each<[string, Matrix, TrainOptions]>([
    ['with rows held back, a beam and refinement', rows, { stages: 3, codewords: 16, beam: 3, refine: 2, heldBack: 0.2, iterations: 4 }],
    ['without any of it', rows, { stages: 2, codewords: [4, 9] }],
    ['of one codeword and no iterations', rows, { stages: 1, codewords: 1, iterations: 0 }],
    ['of many stages', rows, { stages: 40, codewords: 4, iterations: 1 }],
    ['of rows that are all zero', matrix(new Float32Array(200), 2), { stages: 2, codewords: 4, heldBack: 0.5 }],
    [
      'of rows that fit exactly',
      matrix(
        Float32Array.from({ length: 400 }, (_, i) => i % 4),
        2,
      ),
      { stages: 2, codewords: 2, heldBack: 0.25 },
    ],
    ['of more codewords than points of a plot', normalRows({ rows: 700, dim: 2 }), { stages: 1, codewords: 600, iterations: 1 }],
  ])('is whole %s', async (_, vectors, options) => {
    const data = await dataOf(vectors, options);
    const html = trainingHtml(data);
    checkMarkup(html);
    for (const warning of data.training.warnings) expect(html.replaceAll('&nbsp;', ' ')).toContain(warning);
    expect(html).toContain(data.codebook.id);
    const plots = 2 + (options.iterations === 0 ? 0 : 1) + Math.min(32, options.stages);
    expect([...html.matchAll(/<svg /g)]).toHaveLength(plots);
    for (const [, x, y] of html.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g))
      expect(Number(x) >= 0 && Number(x) <= 440 && Number(y) >= 0 && Number(y) <= 300).toBe(true);
  });

  it('asks for nothing from elsewhere', async () => {
    const html = trainingHtml(await dataOf(rows, { stages: 2, codewords: 4 }));
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|\/\/|src=|href=|url\(|@import|<script|<link|<iframe/);
  });

  it('writes names as they are, and no markup of them', async () => {
    const html = trainingHtml(await dataOf(rows, { stages: 1, codewords: 4, iterations: 1 }, '/some/where/<b>&"x".fvecs'));
    expect(html).toContain('A codebook for &lt;b&gt;&amp;&quot;x&quot;.fvecs');
    checkMarkup(html);
  });

  it('is for light, dark and paper', async () => {
    const html = trainingHtml(await dataOf(rows, { stages: 1, codewords: 4, iterations: 1 }));
    expect(html).toContain('color-scheme: light dark');
    expect([...html.matchAll(/@media screen and \(prefers-color-scheme: dark\)/g)].length).toBeGreaterThan(1);
    expect(html).not.toMatch(/@media \(prefers-color-scheme/);
    expect(html).toContain('@media print');
  });

  it('tells what beams and held-back rows come to, in the words of the figures', async () => {
    const data = await dataOf(rows, { stages: 3, codewords: 16, heldBack: 0.25 });
    const html = trainingHtml(data).replaceAll('&nbsp;', ' ');
    const [greedy, wide] = data.rateDistortion.curves.map(({ points }) => points[2].relativeError);
    expect(html).toContain(`<dd>${(100 * greedy).toPrecision(3)} %</dd>`);
    expect(html).toContain(`<dd>${(100 * wide).toPrecision(3)} %</dd>`);
    expect(html).toContain('200 rows were held back');
    expect(html).toMatch(/<dd>[\d.]+ %<\/dd><\/div>\n<\/dl>/);
  });
});

describe('the rate-distortion curve', () => {
  it('is what evaluate finds with codebooks of the first stages alone, for the bits of these', async () => {
    const book = randomCodebook({ dim: 6, stages: 3, codewords: [8, 1, 5], seed: 2 });
    const signal = new AbortController().signal;
    const told: number[] = [];
    const curves = await rateCurves(verbs, book, rows, { trainedWith: 7, signal, done: (fraction) => told.push(fraction) });
    expect(curves.map(({ beam }) => beam)).toEqual([1, 7]);
    for (const { beam, points } of curves) {
      expect(points.map(({ stages, bitsPerRow }) => [stages, bitsPerRow])).toEqual([
        [1, 3],
        [2, 3],
        [3, 6],
      ]);
      const two = createCodebook(book.data.subarray(0, 9 * 6), { dim: 6, codewords: [8, 1] });
      const { mse, relativeError } = evaluate(two, rows, { beam });
      expect(points[1]).toMatchObject({ mse, relativeError });
    }
    expect(told).toHaveLength(6);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('keeps no more entries than the first stage has codewords, and is one curve where that is one', async () => {
    const signal = new AbortController().signal;
    const beams = async (first: number) => {
      const book = randomCodebook({ dim: 6, stages: 2, codewords: [first, 4], seed: 2 });
      return (await rateCurves(verbs, book, rows, { trainedWith: 1, signal, done() {} })).map(({ beam }) => beam);
    };
    expect([await beams(1), await beams(2), await beams(64)]).toEqual([[1], [1, 2], [1, 5]]);
  });

  it('ends with the reason of the signal', async () => {
    const book = randomCodebook({ dim: 6, stages: 2, codewords: 4, seed: 2 });
    await expect(rateCurves(verbs, book, rows, { trainedWith: 1, signal: AbortSignal.abort('enough'), done() {} })).rejects.toBe('enough');
  });

  it('has points for the first stage, for all, and for some between', () => {
    expect(prefixLengths(1)).toEqual([1]);
    expect(prefixLengths(16)).toHaveLength(16);
    for (const stages of [17, 64, 1000]) {
      const lengths = prefixLengths(stages);
      expect(new Set(lengths).size).toBe(16);
      expect([lengths[0], lengths[15]]).toEqual([1, stages]);
    }
  });
});

describe('the plot of use', () => {
  it('falls from the most chosen codeword to the least, on the scale of all stages', () => {
    const stages = [
      [5, 40, 0, 15],
      [10, 20, 15, 15],
    ];
    const top = topOf(stages);
    expect(top).toBe(4); // 40 is but 2.7 times the even share of 15
    const svg = usePlot(stages[0], { top, label: 'use' });
    const path = /class="curve" d="([^"]+)"/.exec(svg)?.[1] ?? '';
    const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]));
    expect(heights).toHaveLength(8);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(heights[7]).toBe(108); // the floor: a codeword without rows
    expect(topOf([[100, 0, 0, 0, 0, 0, 0, 0, 0, 0]])).toBe(10);
  });
});
