// The curves of docs/choosing.md: node --import tsx bench/choosing.ts, after npm run build. Trains on sift-train with 16, 64 and 256 codewords a stage,
// measures sift-base after every stage, greedily and with a beam, writes docs/img/choosing.svg and prints the table.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { evaluate, train } from 'residual-vq';
import { linePlot, type Point, type Series } from '../ts/report/plot.ts';
import { siftRows } from './lib/data.ts';
import { print, runMain } from './lib/flags.ts';
import { markdownTable } from './lib/table.ts';

const SHAPES = [
  { codewords: 16, stages: 32 },
  { codewords: 64, stages: 20 },
  { codewords: 256, stages: 16 },
] as const;
const TONES = [1, 2, 3] as const;
const BEAM = 5;
/** Bits a row at which the table compares them: whole stages of all. */
const AT = [24, 48, 72, 96, 120];

await runMain(async () => {
  const [trainRows, rows] = [siftRows('train'), siftRows('base')];
  const series: Series[] = [];
  const table = [['codewords a stage', ...AT.map((bits) => `${bits} bits`), `${AT[AT.length - 1]} bits, beam ${BEAM}`]];
  for (const [i, { codewords, stages }] of SHAPES.entries()) {
    const { codebook } = await train(trainRows, { stages, codewords });
    const { relativeErrorPerStage: errors } = evaluate(codebook, rows);
    const bitsPerStage = Math.log2(codewords);
    const points: Point[] = errors.map((error, m) => ({ x: (m + 1) * bitsPerStage, y: 100 * error }));
    series.push({ name: `${codewords} codewords`, tone: TONES[i], points });
    const upTo = (bits: number) => errors[Math.floor(bits / bitsPerStage) - 1];
    const { relativeErrorPerStage: withBeam } = evaluate(codebook, rows, { beam: BEAM });
    const last = withBeam[Math.floor(AT[AT.length - 1] / bitsPerStage) - 1];
    table.push([String(codewords), ...[...AT.map(upTo), last].map((error) => `${(100 * error).toFixed(1)} %`)]);
  }
  const svg = linePlot({
    label: 'Squared error that is left, of SIFT descriptors of dim 128, against bits a row, for 16, 64 and 256 codewords a stage',
    x: { label: 'bits a row', ticks: [8, 32, 64, 96, 128] },
    y: { label: '% of the squared norm lost', scale: 'log', ticks: [2, 5, 10, 20, 50] },
    series,
    width: 640,
    height: 380,
    standalone: true,
  });
  writeFileSync(fileURLToPath(new URL('../docs/img/choosing.svg', import.meta.url)), svg);
  print(markdownTable(table));
});
