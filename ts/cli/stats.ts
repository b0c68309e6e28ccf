// rvq stats: the partial sums of a Lloyd iteration over an Arrow IPC stream, for a training whose rows are in many places.
import type { Command } from 'commander';
import { batchBytes, listColumn, numbersColumn } from '../formats/arrow-batch.ts';
import { TYPE } from '../formats/arrow-rows.ts';
import { doubleField, fieldOf, integerField, pairsOf } from '../formats/arrow-schema.ts';
import { END_OF_STREAM, messageBytes } from '../formats/arrow-stream.ts';
import { type Codebook, RvqError } from '../index.ts';
import { runsOf, streamRows } from '../model/blocks.ts';
import { MAX_STAGES } from '../model/codebook.ts';
import { isCodebook } from '../model/codec.ts';
import { counted } from '../model/errors.ts';
import { readCodec } from '../node/index.ts';
import { gridOf, type StageSum, stageSums } from '../sums.ts';
import { ARROW_HELP, openArrowInput, refuseFiles } from './arrow.ts';
import { createProgressBar } from './bar.ts';
import { interruptible, UsageError } from './exit.ts';
import { naming } from './input.ts';
import { HELP, integerOption } from './options.ts';
import { keepStdoutForData, printDone } from './output.ts';
import { STDIN, STDIO, STDOUT, writeStdout } from './stdio.ts';
import { rate, short } from './terminal.ts';

interface StatsFlags {
  arrow?: boolean;
  column?: string;
  stage?: number;
}

const TEXT = `
Examples:
  rvq stats book.safetensors --arrow --column embedding < rows.arrows > sums.arrows
  rvq stats book.safetensors --arrow --stage 2 < rows.arrows > sums.arrows

The stream on standard output has a row for each codeword:

  stage     int32         counted from 0
  codeword  int32         counted from 0 in its stage
  count     int64         rows that chose it
  sum       list<double>  the sum of what the stages before have left of these rows
  error     double        their summed squared error after the stage

Each process does a part of the rows. Add count, sum and error of all parts by stage and codeword; sum / count is the next codeword. Counts and sums come
to the same to the last bit however the rows are shared out: values are rounded to a grid, which the schema's metadata name, and are exact up to some
2^26 rows a codeword. To train stage after stage, --stage m with a codebook whose stage m holds what the last iteration gave, and at first some
rows of what the stages before leave. One thread does the work: run as many processes as there are cores. Nothing is written before all rows have come.`;

/** Rows of a batch hold so many bytes of sums. */
const BATCH_BYTES = 1 << 24;
const VERSION = 4;

export function addStats(program: Command): Command {
  return program
    .command('stats')
    .summary('sum up vectors for a training elsewhere')
    .description('Assign vectors to the codewords of each stage and add them up: a part of a k-means iteration, for engines that run a program.')
    .argument('<codebook>', HELP.codebook)
    .requiredOption('--arrow', ARROW_HELP)
    .option('--column <name>', 'the column of the vectors, where several may be')
    .option('--stage <n>', 'the only stage to sum up, from 0 (default: all)', integerOption({ min: 0, max: MAX_STAGES - 1 }))
    .addHelpText('after', TEXT)
    .action((book: string, flags: StatsFlags) => interruptible((signal) => runStats(book, flags, signal)));
}

async function runStats(path: string, { column, stage }: StatsFlags, signal: AbortSignal): Promise<void> {
  refuseFiles({ arguments: [path === STDIO ? 'a codebook of standard input' : undefined] });
  const codebook = await readCodec(path);
  if (!isCodebook(codebook)) throw new RvqError('UNSUPPORTED', path, 'expected a codebook: sums of a codec with projections train nothing');
  const stages = codebook.codewords.length;
  if (stage !== undefined && stage >= stages) throw new UsageError(`--stage: expected 0 to ${stages - 1}, as ${path} has ${stages}, got ${stage}`);
  const started = performance.now();
  const sums = stageSums(codebook, stage);
  try {
    const input = await openArrowInput(column, codebook.dim);
    const rows = await naming('vectors', { name: STDIN }, () => addAll(input.items, sums, signal));
    await input.expectEnd();
    signal.throwIfAborted();
    const all = sums.read();
    keepStdoutForData();
    await writeStdout(streamOf(codebook, all));
    const seconds = (performance.now() - started) / 1000;
    const mse = all.map(({ errors }) => errors.reduce((sum, error) => sum + error, 0) / rows);
    const { dim, codewords, id } = codebook;
    printDone(
      { output: STDIO, rows, dim, stages, codewords, codebookId: id, msePerStage: mse, seconds },
      `wrote ${STDOUT}: sums of ${counted(rows, 'rows')}${rows === 0 ? '' : `, mse ${short(mse[mse.length - 1])}, ${rate(rows, seconds)}`}`,
    );
  } finally {
    sums.close();
  }
}

async function addAll(
  items: Awaited<ReturnType<typeof openArrowInput>>['items'],
  sums: ReturnType<typeof stageSums>,
  signal: AbortSignal,
): Promise<number> {
  const bar = createProgressBar();
  let rows = 0;
  try {
    for await (const { batch } of items) {
      const { data, dim, rows: length } = batch?.vectors ?? { data: new Float32Array(0), dim: 1, rows: 0 };
      for (const { start, end } of runsOf(length, streamRows(dim))) {
        sums.add({ data: data.subarray(start * dim, end * dim), rows: end - start, dim });
        rows += end - start;
        bar.show('adding', { rows });
        await new Promise(setImmediate); // for an interruption to be heard
        signal.throwIfAborted();
      }
    }
    signal.throwIfAborted();
    return rows;
  } finally {
    bar.end();
  }
}

function* streamOf(codebook: Codebook, all: readonly StageSum[]): Generator<Uint8Array> {
  const { dim, id } = codebook;
  const integers = ['stage', 'codeword'].map((name) => integerField(name, 32, { signed: true }));
  const sum = fieldOf('sum', TYPE.list, [], [doubleField('item')]);
  const fields = [...integers, integerField('count', 64, { signed: true }), sum, doubleField('error')];
  const metadata = pairsOf({ 'residual-vq.codebook': id, 'residual-vq.grid': String(gridOf(codebook)) });
  yield messageBytes([VERSION, 1, [undefined, fields, metadata], 0n]);
  for (const { stage, counts, sums, errors } of all) {
    for (const { start, end } of runsOf(counts.length, Math.max(1, Math.floor(BATCH_BYTES / (8 * dim))))) {
      const rows = end - start;
      const own = [
        numbersColumn(rows, bytesOf(new Int32Array(rows).fill(stage))),
        numbersColumn(rows, bytesOf(Int32Array.from({ length: rows }, (_, k) => start + k))),
        numbersColumn(rows, bytesOf(BigInt64Array.from(counts.subarray(start, end), BigInt))),
        listColumn(rows, dim, bytesOf(sums.subarray(start * dim, end * dim))),
        numbersColumn(rows, bytesOf(errors.subarray(start, end))),
      ];
      yield batchBytes(rows, { kept: [], own }, { version: VERSION });
    }
  }
  yield END_OF_STREAM;
}

function bytesOf(values: Int32Array | BigInt64Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
