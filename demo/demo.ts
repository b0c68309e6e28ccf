// npm run demo: the whole path on real data, through the built command, and a report of what came out.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { count, type Figures, type Machine, percent, short } from './figures.ts';
import { loadLibrary, ROOT } from './library.ts';
import { runPhotograph } from './photograph.ts';
import { reportHtml } from './report.ts';
import { runSift } from './sift.ts';
import { stopSignal, tellEnd } from './stop.ts';
import { photographTable, siftTable, speedTable, tableText } from './tables.ts';

/** Relative to the package, as the command lines show it. */
const OUT = 'demo/out';

async function run(signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const library = await loadLibrary();
  process.chdir(ROOT);
  await mkdir(OUT, { recursive: true });

  print('residual-vq: SIFT descriptors and a photograph, through the built command');
  const sift = await runSift(library, { out: OUT, signal });
  const photograph = await runPhotograph(library, { out: OUT, signal });
  signal.throwIfAborted();

  const seconds = (performance.now() - started) / 1000;
  const figures: Figures = { machine: machine(), seconds, sift, photograph: photograph.figures };
  await publish(`${OUT}/report.json`, `${JSON.stringify(figures, null, 2)}\n`);
  await publish(`${OUT}/report.html`, await reportHtml(figures, photograph));
  print(summary(figures));
  print(`\nReport, open it in a browser: ${join(ROOT, OUT, 'report.html')}\nThe same figures as data:      ${join(ROOT, OUT, 'report.json')}`);
}

function summary({ sift, photograph, seconds }: Figures): string {
  const { evaluation, speed } = sift;
  const ratio = speed.wasm.rowsPerSecond / speed.reference.rowsPerSecond;
  return [
    '',
    tableText(siftTable(sift)),
    '',
    tableText(speedTable(speed)),
    `  the same codes in both: yes, ${count(speed.reference.rows * evaluation.stages)} codes compared; WebAssembly is ${short(ratio)} times as fast`,
    '',
    tableText(photographTable(photograph)),
    '',
    `In short: ${evaluation.bitsPerRow} bits a row keep all but ${percent(evaluation.relativeError)} of the descriptors. ${seconds.toFixed(0)} seconds in all.`,
  ].join('\n');
}

function machine(): Machine {
  const cores = cpus();
  return { cpu: cores[0]?.model.trim() ?? 'unknown', threads: cores.length, node: process.version, platform: `${process.platform} ${process.arch}` };
}

/** Writes beside and renames, so that the name never stands for half a file. */
async function publish(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const signal = stopSignal();
try {
  await run(signal);
} catch (error) {
  process.exitCode = tellEnd(error);
}
