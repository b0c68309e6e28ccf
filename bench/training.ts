// Quality and time of training: node --import tsx bench/training.ts, after npm run build. Trains on a part of each data set, measures the mse
// of the rest, and the user CPU time, of one thread; with Python and faiss (bench/peers/setup.ts, or PYTHON) the same of faiss, in turn. Writes bench/out
// or with --keep bench/results, and then the table of docs/training.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate, type Matrix, type TrainOptions, train } from 'residual-vq';
import { type DataSet, dataSets } from './lib/datasets.ts';
import { print, runMain } from './lib/flags.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import { summarize } from './lib/statistics.ts';
import { type TrainingFigure, trainingTable } from './lib/training-table.ts';
import { setUpPeers } from './peers/setup.ts';

const PEERS = fileURLToPath(new URL('./peers/', import.meta.url));
const BEAMS = [1, 5, 16];

/** What is asked of train; `rounds`: how often it is done, for its time. */
const SETTINGS: { name: string; options: Partial<TrainOptions>; rounds: number; only?: string }[] = [
  { name: 'none', options: {}, rounds: 3 },
  { name: '`beam: 5`', options: { beam: 5 }, rounds: 1 },
  { name: '`beam: 5, refine: 2`', options: { beam: 5, refine: 2 }, rounds: 1 },
  { name: '`beam: 16, refine: 8`', options: { beam: 16, refine: 8 }, rounds: 1 },
];
const THEIRS = [
  { name: 'faiss, greedy, not progressive', progressive: false, beam: 1, rounds: 3 },
  { name: 'faiss, beam 5, its defaults', progressive: true, beam: 5, rounds: 1 },
];

await runMain(async ({ quick, keep }) => {
  const machine = describeMachine(1);
  print(`${machineText(machine)}\n`);
  if (process.env.PYTHON === undefined) setUpPeers(print);
  const folder = mkdtempSync(join(tmpdir(), 'residual-vq-'));
  const figures: TrainingFigure[] = [];
  try {
    for (const set of dataSets()) {
      if (quick && set.name !== 'digits') continue;
      await ours(set, SETTINGS[0], 0); // what is compiled on the way is not training
      const seconds = new Map<string, number[]>();
      const results = new Map<string, TrainingFigure>();
      const contenders = [...SETTINGS, ...THEIRS];
      for (let round = 0; round < 3; round++) {
        for (const contender of contenders.filter(({ rounds }) => rounds > round)) {
          const { figure, took } = 'options' in contender ? await ours(set, contender, round) : theirs(set, contender, folder);
          seconds.set(contender.name, [...(seconds.get(contender.name) ?? []), took]);
          results.set(contender.name, { ...(results.get(contender.name) ?? figure), seconds: summarize(seconds.get(contender.name) ?? []).median });
          print(`${set.name}: ${contender.name}: ${JSON.stringify(figure.mse)} in ${took.toFixed(2)} s`);
        }
      }
      figures.push(...results.values());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const path = fileURLToPath(new URL(keep ? './results/training.json' : './out/training.json', import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ machine, date: new Date().toISOString().slice(0, 10), quick, figures }, null, 2)}\n`);
  const table = trainingTable(figures);
  print(`\n${table}`);
  if (keep) intoDocument(table);
});

async function ours(set: DataSet, { name, options }: (typeof SETTINGS)[number], round: number): Promise<{ figure: TrainingFigure; took: number }> {
  const before = process.cpuUsage();
  const { codebook } = await train(set.train, { stages: set.stages, codewords: set.codewords, ...options });
  const took = process.cpuUsage(before).user / 1e6;
  const mse = round > 0 ? {} : Object.fromEntries(BEAMS.map((beam) => [beam, evaluate(codebook, set.test, { beam }).mse]));
  return { figure: { set: set.name, name, mse, seconds: took }, took };
}

function theirs(set: DataSet, { name, progressive, beam }: (typeof THEIRS)[number], folder: string): { figure: TrainingFigure; took: number } {
  const [trainPath, testPath] = [set.train, set.test].map((rows, i) => save(join(folder, `${i}.f32`), rows));
  const request = { train: trainPath, test: testPath, dim: set.train.dim, stages: set.stages, bits: Math.log2(set.codewords), progressive, beam };
  const python = process.env.PYTHON ?? join(PEERS, '.venv/bin/python');
  const text = execFileSync(python, [join(PEERS, 'training.py')], {
    input: `${JSON.stringify(request)}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 2],
  });
  const answer = JSON.parse(text) as { seconds: number; mse: number };
  return { figure: { set: set.name, name, mse: { [beam]: answer.mse }, seconds: answer.seconds }, took: answer.seconds };
}

function save(path: string, { data }: Matrix): string {
  writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return path;
}

/** Between the markers of docs/training.md. */
function intoDocument(table: string): void {
  const path = fileURLToPath(new URL('../docs/training.md', import.meta.url));
  const text = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- training figures -->', '<!-- end -->'];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path}: expected the markers ${start} and ${end}`);
  writeFileSync(path, `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`);
}
