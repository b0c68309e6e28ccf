// rvq train: vectors to a codebook.
import { type Command, Option } from 'commander';
import { extensionList } from '../formats/extension.ts';
import type { Codebook, Init, TrainOptions, TrainReport } from '../index.ts';
import { DEFAULT_BEAM, DEFAULT_ITERATIONS } from '../kmeans/plan.ts';
import { bitsPerStage, codewordsPerStage, MAX_STAGES, sum } from '../model/codebook.ts';
import { count, counted } from '../model/errors.ts';
import { readCodebook } from '../node/index.ts';
import { createProgressBar } from './bar.ts';
import { openCheckpoint } from './checkpoint.ts';
import { dryRun } from './dry-run.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkDifferent, checkOutput } from './files.ts';
import { naming, openInput, type VectorFlags, type VectorInput } from './input.ts';
import { addVectorOptions, beamOption, codewordsOption, HELP, integerOption, partOption, threadsOption } from './options.ts';
import { printDone, printNote, printWarning } from './output.ts';
import { checkReports, reportOption, writeReports } from './report.ts';
import { saveCodebook, withProgress } from './save.ts';
import { outputName, STDIO } from './stdio.ts';
import { duration, short, stagesText, table } from './terminal.ts';
import { type Verbs, withThreads } from './threads.ts';

interface TrainFlags extends VectorFlags {
  output: string;
  stages: number;
  codewords: number | number[];
  iterations: number;
  init: Init;
  beam: number;
  refine: number;
  seed: number;
  maxRowsPerCodeword: number;
  tolerance: number;
  heldBack?: number;
  start?: string;
  checkpoint?: string;
  resume?: boolean;
  report: string[];
  dryRun?: boolean;
  threads?: number;
}

const EXAMPLES = `
Examples:
  rvq train vectors.fvecs -o book.safetensors --stages 8 --codewords 256
  rvq train vectors.npy -o book.safetensors --stages 3 --codewords 32,64,128 --seed 7
  rvq train vectors.npy -o book.safetensors --stages 8 --codewords 256 --held-back 0.1 --report report.html
  rvq train vectors.npy -o book.safetensors --stages 8 --codewords 256 --checkpoint part.safetensors --resume
  rvq train vectors.npy -o book.safetensors --stages 16 --codewords 1024 --dry-run`;

export function addTrain(program: Command): Command {
  const command = program
    .command('train')
    .summary('make a codebook for vectors')
    .description('Make a codebook for vectors. The same vectors, options and seed give the same codebook on every machine.')
    .argument('<vectors>', HELP.vectors)
    .requiredOption('-o, --output <file>', HELP.codebookOutput)
    .requiredOption('--stages <n>', 'number of stages', integerOption({ min: 1, max: MAX_STAGES }))
    .requiredOption('--codewords <n>', 'codewords a stage, or a list of one number a stage', codewordsOption)
    .option('--iterations <n>', 'Lloyd iterations a stage at most', integerOption({ min: 0, max: 10_000 }), DEFAULT_ITERATIONS)
    .addOption(new Option('--init <how>', 'how codewords start').choices(['k-means++', 'random', 'normal']).default('k-means++'))
    .option('--beam <n>', 'entries of each row that beam search keeps while training, 1 to 64', beamOption, DEFAULT_BEAM)
    .option('--refine <n>', 'rounds of joint refinement after the last stage', integerOption({ min: 0, max: 1000 }), 0)
    .option('--seed <n>', 'seed of all random choices', integerOption({ min: 0, max: 0xffffffff }), 1)
    .option('--max-rows-per-codeword <n>', 'draw at most so many rows a codeword', integerOption({ min: 1, max: 1e15 }), 256)
    .option('--tolerance <part>', 'end a stage once an iteration lowers its mse by less than this part', partOption(1), 0)
    .option('--held-back <part>', 'hold this part of the rows back, 0 to 0.5, to measure by (default: rows that are not needed)', partOption(0.5))
    .option('--start <file>', `go on from a codebook of the same shape: ${extensionList('codebook')}`)
    .option('--checkpoint <file>', 'keep what is done in this file, after every stage: .safetensors')
    .option('--resume', 'go on from the file of --checkpoint, where there is one; the codebook is then the very same')
    .option('--dry-run', 'tell time, memory, file sizes and rows used, and write nothing')
    .addOption(reportOption())
    .addOption(threadsOption());
  return addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: TrainFlags) => interruptible((signal) => runTrain(path, flags, signal)));
}

async function runTrain(path: string, flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const { output, start, checkpoint, resume, report: reports, threads, stages, codewords } = flags;
  if (Array.isArray(codewords) && codewords.length !== stages) {
    throw new UsageError(`--codewords: expected one number, or one for each of the ${counted(stages, 'stages')}, got ${codewords.length}`);
  }
  const inputs = start === undefined ? [path] : [path, start];
  checkDifferent([
    ['--output', output],
    ...(checkpoint === undefined ? [] : [['--checkpoint', checkpoint] as const]),
    ...reports.map((file) => ['--report', file] as const),
  ]);
  await checkOutput('codebook', output, inputs);
  if (reports.length > 0 && path === STDIO) throw new UsageError('--report: measures with the vectors once more, so they must be in a file');
  await checkReports(reports, inputs);
  if (flags.dryRun) {
    const start = flags.start === undefined ? undefined : await readCodebook(flags.start);
    return dryRun(await openInput(path, flags), { ...trainOptions(flags), start, signal }, { output, threads, signal });
  }
  const checkpointing = await openCheckpoint({ checkpoint, resume }, inputs, signal);
  const input = await openInput(path, flags);
  const options: TrainOptions = { ...trainOptions(flags), start: start === undefined ? undefined : await readCodebook(start), signal };
  const rows = input.rows === undefined ? 'the rows' : counted(input.rows, 'rows');
  printNote(`training ${stagesText(codewordsPerStage('train', stages, codewords))} on ${rows} of dim ${count(input.dim)}`);
  const started = performance.now();
  const work = trainWork(input, flags);
  await checkpointing.guard(() =>
    withThreads({ threads, work, signal }, async (verbs) => {
      const { codebook, report } = await naming('vectors', input, () => trainWithProgress(verbs, input, { ...options, ...checkpointing.options }));
      const seconds = (performance.now() - started) / 1000;
      await saveCodebook(output, codebook, signal);
      for (const warning of report.warnings) printWarning(warning);
      const files = { vectors: path, codebook: output };
      const { dim, id } = codebook;
      const bitsPerRow = sum(bitsPerStage(codebook.codewords));
      printDone(
        { output, dim, codewords: codebook.codewords, bitsPerRow, id, ...report, seconds },
        `wrote ${outputName(output)}: ${summary(codebook, report)}\n${reportTable(report)}`,
      );
      await writeReports(reports, { verbs, vectors: input, options, codebook, report, files, seconds, signal });
    }),
  );
}

function trainOptions(flags: TrainFlags): TrainOptions {
  const { stages, codewords, iterations, init, beam, refine, seed, maxRowsPerCodeword, tolerance, heldBack } = flags;
  return { stages, codewords, iterations, init, beam, refine, seed, maxRowsPerCodeword, tolerance, heldBack };
}

/** Multiply-adds of training, about: each iteration, and each round of refinement, goes over the rows once, at worst over all entries of them. */
function trainWork({ rows, dim }: VectorInput, { stages, codewords, iterations, maxRowsPerCodeword, beam, refine }: TrainFlags): number {
  const sizes = codewordsPerStage('train', stages, codewords);
  return (
    sum(sizes.map((count) => Math.min(rows ?? Number.POSITIVE_INFINITY, maxRowsPerCodeword * count) * count)) * dim * (iterations + 1 + refine) * beam
  );
}

/** A bar on a terminal; elsewhere a line for each stage. */
async function trainWithProgress({ train }: Verbs, input: VectorInput, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  const bar = createProgressBar();
  let announced = -1;
  try {
    return await train(withProgress('reading', input, input), {
      ...options,
      onProgress({ stage, stages, iteration, iterations, round, mse, fraction, secondsLeft }) {
        const place =
          round === undefined ? `stage ${stage + 1}/${stages}, iteration ${iteration}/${iterations}` : `refining, round ${round}/${options.refine}`;
        const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`;
        bar.show(`${place}, mse ${short(mse)}`, { fraction, secondsLeft });
        if (!bar.visible && stage > announced) printNote(`stage ${stage + 1} of ${stages} (${Math.floor(100 * fraction)} % done${left})`);
        announced = stage;
      },
    });
  } finally {
    bar.end();
  }
}

function summary({ codewords, dim, id }: Codebook, { rows, rowsUsed, mse, heldBackMse }: TrainReport): string {
  const used = rowsUsed < rows ? `, trained on ${count(rowsUsed)} of ${counted(rows, 'rows')}` : '';
  const others = heldBackMse === undefined ? '' : ` (${short(heldBackMse)} of rows held back)`;
  return `${stagesText(codewords)} of dim ${dim}, ${counted(sum(bitsPerStage(codewords)), 'bits')} a row${used}, mse ${short(mse)}${others}, id ${id}`;
}

function reportTable({ stages, heldBackMse }: TrainReport): string {
  const heldBack = heldBackMse !== undefined;
  const heads = ['stage', 'codewords', 'rows', 'mse', ...(heldBack ? ['held back'] : []), 'iterations', 'repaired', 'dead', 'near dead', 'entropy'];
  const rows = stages.map((stage, m) => [
    String(m + 1),
    count(stage.codewords),
    count(stage.rows),
    short(stage.mse),
    ...(heldBack ? [short(stage.heldBackMse ?? Number.NaN)] : []),
    String(stage.iterations),
    count(stage.repaired),
    count(stage.dead),
    count(stage.nearDead),
    stage.entropy.toFixed(3),
  ]);
  return table([heads, ...rows]);
}
