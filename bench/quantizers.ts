// Kinds of quantizers at the same bits: node --import tsx bench/quantizers.ts, after npm run build. Residual quantization, ours and faiss's, beside faiss's
// product quantizer, with and without a learned rotation, and its scalar quantizer: the error of rows that none was trained on, and rows encoded a
// second of user CPU time, on one thread. Needs Python and faiss (bench/peers/setup.ts, or PYTHON). Writes bench/out, or with --keep bench/results, from where
// bench/report.ts takes it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Codebook, encode, evaluate, type Matrix, codebook as makeCodebook, type TrainOptions, train } from 'residual-vq';
import { type DataSet, dataSets } from './lib/datasets.ts';
import { print, runMain } from './lib/flags.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import { type QuantizerCurve, type QuantizerFigure, type QuantizerResults, quantizerTable } from './lib/quantizers.ts';
import { FILES, writeResults } from './lib/results.ts';
import { summarize } from './lib/statistics.ts';
import { PYTHON, setUpPeers } from './peers/setup.ts';

const SCRIPT = fileURLToPath(new URL('./peers/quantizers.py', import.meta.url));

const OURS: { name: string; options: Partial<TrainOptions>; beam: number }[] = [
  { name: 'residual-vq, greedy', options: {}, beam: 1 },
  { name: 'residual-vq, `beam: 5`', options: { beam: 5 }, beam: 5 },
  { name: 'residual-vq, `beam: 5, refine: 2`', options: { beam: 5, refine: 2 }, beam: 5 },
];
const THEIRS = [
  { name: 'faiss, residual, its defaults (beam 5)', kind: 'residual' },
  { name: 'faiss, product', kind: 'product' },
  { name: 'faiss, product with rotation (OPQ)', kind: 'rotated' },
  { name: 'faiss, scalar, 4 bits a value', kind: 'scalar', bits: 4 },
  { name: 'faiss, scalar, 8 bits a value', kind: 'scalar', bits: 8 },
];
/** Of the curves: stages of ours, greedily all up to the most; parts of a product quantizer; bits a value of a scalar one. */
const CURVES = { stages: [2, 4, 8, 16, 32, 64], parts: [2, 4, 8, 16, 32, 64], bits: [4, 6, 8] };
const CURVE_BEAM = 5;

interface Answer {
  readonly bits: number;
  readonly mse: number;
  readonly seconds: number;
  readonly version: string;
}

await runMain(async ({ quick, keep }) => {
  const machine = describeMachine(1);
  print(`${machineText(machine)}\n`);
  if (process.env.PYTHON === undefined) setUpPeers(print);
  const folder = mkdtempSync(join(tmpdir(), 'residual-vq-'));
  try {
    const sets = dataSets().filter(({ name }) => !quick || name === 'digits');
    const figures: QuantizerFigure[] = [];
    let faiss = '';
    for (const set of sets) {
      for (const contender of OURS) figures.push(told(await ours(set, contender)));
      const ask = onRows(set, folder);
      for (const { name, kind, bits = Math.log2(set.codewords) } of THEIRS) {
        const { version, ...answer } = ask(kind === 'scalar' ? { kind, bits } : { kind, bits, parts: set.stages });
        faiss = version;
        figures.push(told(figureOf(set, name, answer)));
      }
    }
    const results: QuantizerResults = {
      machine,
      date: new Date().toISOString().slice(0, 10),
      quick,
      faiss,
      figures,
      curves: await curvesOf(sets[0], folder),
    };
    const path = keep ? FILES.keptQuantizers : FILES.quantizers;
    writeResults(path, results);
    print(`\n${quantizerTable(results)}\n\n${path}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function told(figure: QuantizerFigure): QuantizerFigure {
  print(`${figure.set}: ${figure.name}: ${JSON.stringify(figure)}`);
  return figure;
}

function figureOf(set: DataSet, name: string, { bits, mse, seconds }: Omit<Answer, 'version'>): QuantizerFigure {
  const title = `${set.name.replace(/,.*/, '')}, d ${set.train.dim}, ${set.stages} x ${set.codewords}`;
  return { set: title, name, bits, mse, relativeError: mse / meanSquare(set.test), rowsPerSecond: set.test.rows / seconds };
}

async function ours(set: DataSet, { name, options, beam }: (typeof OURS)[number]): Promise<QuantizerFigure> {
  const { codebook } = await train(set.train, { stages: set.stages, codewords: set.codewords, ...options });
  const { mse, bitsPerRow: bits } = evaluate(codebook, set.test, { beam });
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    encode(codebook, set.test, { beam });
    return process.cpuUsage(before).user / 1e6;
  });
  return figureOf(set, name, { bits, mse, seconds: summarize(times).median });
}

/** Asks faiss about a quantizer of these rows. */
function onRows({ train: rows, test }: DataSet, folder: string): (shape: object) => Answer {
  const [trainPath, testPath] = [save(join(folder, 'train'), rows), save(join(folder, 'test'), test)];
  return (shape) => {
    const input = `${JSON.stringify({ train: trainPath, test: testPath, dim: rows.dim, ...shape })}\n`;
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    return JSON.parse(execFileSync(process.env.PYTHON ?? PYTHON, [SCRIPT], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 2], env })) as Answer;
  };
}

async function curvesOf(set: DataSet, folder: string): Promise<QuantizerCurve[]> {
  const most = Math.max(...CURVES.stages);
  const greedy = await train(set.train, { stages: most, codewords: set.codewords });
  const { relativeErrorPerStage } = evaluate(greedy.codebook, set.test); // greedily the first stages are what fewer stages would be
  const { codebook } = await train(set.train, { stages: most, codewords: set.codewords, beam: CURVE_BEAM });
  const ask = onRows(set, folder);
  const norm = meanSquare(set.test);
  const bits = Math.log2(set.codewords);
  const curve = (name: string, shapes: readonly object[]): QuantizerCurve => ({
    name,
    points: shapes.map((shape) => {
      const answer = ask(shape);
      return { bits: answer.bits, relativeError: answer.mse / norm };
    }),
  });
  return [
    { name: 'residual-vq, greedy', points: relativeErrorPerStage.map((relativeError, m) => ({ bits: (m + 1) * bits, relativeError })) },
    {
      name: `residual-vq, beam ${CURVE_BEAM}`,
      points: CURVES.stages.map((stages) => ({
        bits: stages * bits,
        relativeError: evaluate(firstStages(codebook, stages), set.test, { beam: CURVE_BEAM }).relativeError,
      })),
    },
    curve(
      'product (faiss)',
      CURVES.parts.map((parts) => ({ kind: 'product', bits, parts })),
    ),
    curve(
      'scalar (faiss)',
      CURVES.bits.map((each) => ({ kind: 'scalar', bits: each })),
    ),
  ];
}

function firstStages({ data, dim, codewords }: Codebook, stages: number): Codebook {
  const kept = codewords.slice(0, stages);
  return makeCodebook(data.slice(0, dim * kept.reduce((sum, count) => sum + count, 0)), { dim, codewords: kept });
}

function meanSquare({ data, rows }: Matrix): number {
  return data.reduce((sum, value) => sum + value * value, 0) / rows;
}

function save(path: string, { data }: Matrix): string {
  writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return path;
}
