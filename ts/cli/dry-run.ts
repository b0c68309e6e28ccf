// --dry-run of rvq train: what it will take and what it will write, told by a short training on the first rows. Nothing is written.
import { FORMATS, formatMetadata } from '../formats/metadata.ts';
import { safetensorsHeader } from '../formats/safetensors.ts';
import { matrix, randomCodebook, type TrainOptions } from '../index.ts';
import { trainingSize } from '../kmeans/estimate.ts';
import { bitsPerStage, codewordsPerStage, sum } from '../model/codebook.ts';
import { createCodeArray, packedRowBytes } from '../model/codes.ts';
import { count, counted } from '../model/errors.ts';
import { UsageError } from './exit.ts';
import { firstRows, naming, type VectorInput } from './input.ts';
import { printResult } from './output.ts';
import { STDIN } from './stdio.ts';
import { byteSize, duration, stagesText, table } from './terminal.ts';
import { type Verbs, withThreads } from './threads.ts';

/** Of the short training: enough for a second or so, and for the engine's pace to be that of a long one. */
const SHORT = { stages: 2, codewords: 512, iterations: 3, rowsPerCodeword: 32, leastRows: 8192 };

/** A process with its code, workers and buffers, before there are any rows. */
const BASE_BYTES = 100e6;
const THREAD_BYTES = 20e6;

export async function dryRun(
  input: VectorInput,
  options: TrainOptions,
  { output, threads, signal }: { output: string; threads: number | undefined; signal: AbortSignal },
): Promise<void> {
  const { dim, rows } = input;
  if (rows === undefined) throw new UsageError(`--dry-run: needs vectors in a file, as ${STDIN} does not say how many there are`);
  const codewords = codewordsPerStage('train', options.stages, options.codewords);
  await naming('vectors', input, async () => {
    const size = trainingSize(options, { rows, dim });
    // Without an end known before, as work that is heard to be interrupted: the calibration itself may be long.
    const pace = await withThreads({ threads, work: Number.POSITIVE_INFINITY, signal }, (verbs) => measurePace(verbs, input, options, codewords));
    const seconds = rows * pace.readingSeconds + size.work * pace.workSeconds;
    const memoryBytes = BASE_BYTES + pace.threads * THREAD_BYTES + size.bytes;
    const packed = packedRowBytes(codewords);
    const plain = codewords.length * createCodeArray(codewords, 0).BYTES_PER_ELEMENT;
    const files = { codebook: codebookBytes(dim, codewords), codes: rows * plain, packedCodes: rows * packed };
    const { rowsUsed, rowsHeldBack } = size;
    const bitsPerRow = sum(bitsPerStage(codewords));
    printResult(
      {
        dryRun: true,
        output,
        rows,
        dim,
        rowsUsed,
        rowsHeldBack,
        codewords,
        bitsPerRow,
        threads: pace.threads,
        seconds,
        memoryBytes,
        fileBytes: files,
      },
      [
        `${stagesText(codewords)} of dim ${count(dim)}, ${counted(bitsPerRow, 'bits')} a row; nothing was written`,
        table([
          ['rows', count(rows)],
          ['rows that train', count(rowsUsed)],
          ['rows held back', count(rowsHeldBack)],
          ['time', `about ${duration(seconds)}, ${pace.threads === 1 ? '1 thread' : `${pace.threads} threads`}`],
          ['memory', `about ${byteSize(memoryBytes)}`],
          ['codebook', byteSize(files.codebook)],
          ['codes of these rows', byteSize(files.codes)],
          ['codes, packed', byteSize(files.packedCodes)],
        ]),
      ].join('\n'),
    );
  });
}

interface Pace {
  readonly threads: number;
  /** To read a row. */
  readonly readingSeconds: number;
  /** For one unit of trainingSize's work. */
  readonly workSeconds: number;
}

/** Trains a small codebook of the same kind on the first rows. */
async function measurePace(verbs: Verbs, input: VectorInput, options: TrainOptions, codewords: readonly number[]): Promise<Pace> {
  const sizes = codewords.slice(0, SHORT.stages).map((size) => Math.min(size, SHORT.codewords));
  const wanted = Math.max(SHORT.leastRows, SHORT.rowsPerCodeword * Math.max(...sizes));
  const reading = performance.now();
  const sample = await firstRows(input, wanted);
  const readingSeconds = (performance.now() - reading) / 1000 / sample.rows;
  const beam = Math.min(options.beam ?? 1, sizes[0]);
  const short: TrainOptions = {
    ...options,
    stages: sizes.length,
    codewords: sizes.map((size) => Math.min(size, sample.rows)),
    iterations: Math.min(options.iterations ?? SHORT.iterations, SHORT.iterations),
    beam,
    refine: Math.min(options.refine ?? 0, 1),
    maxRowsPerCodeword: Math.ceil(sample.rows / Math.max(...sizes)),
    heldBack: 0,
    start: undefined,
  };
  await verbs.train(tiny(sample.dim), { stages: 1, codewords: 2, iterations: 1 }); // threads start, engines compile
  const training = performance.now();
  await verbs.train(sample, short);
  const seconds = (performance.now() - training) / 1000;
  return { threads: verbs.threads, readingSeconds, workSeconds: seconds / trainingSize(short, sample).work };
}

function tiny(dim: number) {
  return matrix(randomCodebook({ dim, stages: 1, codewords: 64, seed: 1 }).data, dim);
}

/** Of the file: serializeCodebook would need the codewords. */
function codebookBytes(dim: number, codewords: readonly number[]): number {
  const stages = codewords.map((size, stage) => ({ name: `stage.${stage}`, type: 'F32' as const, shape: [size, dim] }));
  const header = safetensorsHeader(stages, formatMetadata(FORMATS.codebook, { id: '0'.repeat(32) }));
  return header.length + 4 * dim * sum(codewords);
}
