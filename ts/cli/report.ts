// --report of rvq train: what was trained and how it went, as a page and as data.
import { Option } from 'commander';
import { version } from '../../package.json';
import type { Codebook, Matrix, TrainOptions, TrainReport } from '../index.ts';
import { settingsOf } from '../kmeans/checkpoint.ts';
import { planFor, readSettings } from '../kmeans/plan.ts';
import { sampleNumbers } from '../kmeans/sampling.ts';
import { createSteps } from '../kmeans/steps.ts';
import { chooseRows } from '../kmeans/stream.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { writePieces } from '../node/write.ts';
import { trainingHtml } from '../report/training.ts';
import type { RateDistortion, TrainingData } from '../report/training-data.ts';
import { createProgressBar } from './bar.ts';
import { Interrupted, UsageError } from './exit.ts';
import { checkTarget, writeOutput } from './files.ts';
import { firstRows, numberedRows, type VectorInput } from './input.ts';
import { printNote } from './output.ts';
import { rateCurves } from './rate-distortion.ts';
import { outputName } from './stdio.ts';
import type { Verbs } from './threads.ts';

/** Rows that the rate-distortion curve is measured with, at most. */
const MEASURED_ROWS = 10_000;

export function reportOption(): Option {
  const option = new Option('--report <file>', 'write how it went: .html, a page with pictures, or .json; may be given twice');
  return option.default([], 'none').argParser((file: string, files: string[]) => [...files, file]);
}

/** Checks the names of reports, and that they may be written. */
export async function checkReports(reports: readonly string[], inputs: readonly string[]): Promise<void> {
  for (const report of reports) {
    if (!/\.(html|json)$/i.test(report)) throw new UsageError(`--report ${report}: expected a name that ends in .html or .json`);
    await checkTarget(report, inputs, '--report');
  }
}

export interface Trained {
  readonly verbs: Verbs;
  readonly vectors: VectorInput;
  readonly options: TrainOptions;
  readonly codebook: Codebook;
  readonly report: TrainReport;
  readonly files: { readonly vectors: string; readonly codebook: string };
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export async function writeReports(reports: readonly string[], trained: Trained): Promise<void> {
  if (reports.length === 0) return;
  const { signal } = trained;
  const missing = [...reports];
  try {
    const data = await trainingData(trained);
    for (const report of reports) {
      const text = /html$/i.test(report) ? trainingHtml(data) : `${JSON.stringify(data, null, 2)}\n`;
      await writeOutput(report, () => writePieces(report, [new TextEncoder().encode(text)], { signal }));
      printNote(`wrote ${report}`);
      missing.shift();
    }
  } catch (error) {
    const stopped: unknown = signal.aborted ? signal.reason : error; // what fails then was cut short
    if (!(stopped instanceof Interrupted)) throw error;
    throw new Interrupted(stopped.signal, `${outputName(trained.files.codebook)} is written, ${missing.join(' and ')} not`);
  }
}

async function trainingData({ verbs, vectors, options, codebook, report, files, seconds, signal }: Trained): Promise<TrainingData> {
  const { id, dim, codewords } = codebook;
  return {
    format: 'residual-vq training report',
    version: 1,
    residualVq: version,
    vectors: { file: files.vectors, rows: report.rows, dim: vectors.dim },
    codebook: { file: files.codebook, id, dim, codewords, bitsPerRow: sum(bitsPerStage(codewords)) },
    command: commandLine(),
    options: settingsOf(planFor(readSettings(options), dim)),
    threads: verbs.threads,
    seconds,
    training: report,
    rateDistortion: await rateDistortion({ verbs, vectors, rows: report.rows, options, codebook, signal }),
  };
}

async function rateDistortion({
  verbs,
  vectors,
  rows,
  options,
  codebook,
  signal,
}: Pick<Trained, 'verbs' | 'vectors' | 'options' | 'codebook' | 'signal'> & { readonly rows: number }): Promise<RateDistortion> {
  const settings = readSettings(options);
  const chosen = await chooseRows(settings, rows, createSteps(Number.POSITIVE_INFINITY, signal));
  const { used, heldBack } = sampleNumbers(settings, { rows: chosen?.length ?? rows, chosen });
  const measured = await gather(vectors, rows, heldBack.length > 0 ? heldBack : used);
  const bar = createProgressBar();
  try {
    const curves = await rateCurves(verbs, codebook, measured, {
      trainedWith: settings.beam,
      signal,
      done: (fraction) => bar.show('measuring for the report', { fraction }),
    });
    return { rows: measured.rows, heldBack: heldBack.length > 0, curves };
  } finally {
    bar.end();
  }
}

/** The first rows of those numbered, or of all: the vectors are read once more. */
function gather(vectors: VectorInput, rows: number, numbers: ArrayLike<number> | undefined): Promise<Matrix> {
  const length = Math.min(MEASURED_ROWS, numbers?.length ?? rows);
  return numbers === undefined ? firstRows(vectors, length) : numberedRows(vectors, Array.from(numbers).slice(0, length));
}

/** As a shell would take it again. */
function commandLine(): string {
  const words = process.argv.slice(2).map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['rvq', ...words].join(' ');
}
