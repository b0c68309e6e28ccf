// rvq train: vectors to a codebook.
import { type Command, Option } from 'commander';
import type { Codebook, Init, TrainOptions, TrainReport } from '../index.ts';
import { DEFAULT_BEAM } from '../kmeans/plan.ts';
import { bitsPerStage, codewordsPerStage, MAX_STAGES, sum } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { createProgressBar } from './bar.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput } from './files.ts';
import { naming, openInput, type VectorFlags, type VectorInput } from './input.ts';
import { addVectorOptions, beamOption, codewordsOption, HELP, integerOption, partOption, threadsOption } from './options.ts';
import { printDone, printNote, printWarning } from './output.ts';
import { saveCodebook, withProgress } from './save.ts';
import { outputName } from './stdio.ts';
import { short, stagesText, table } from './terminal.ts';
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
  threads?: number;
}

const EXAMPLES = `
Examples:
  rvq train vectors.fvecs -o book.safetensors --stages 8 --codewords 256
  rvq train vectors.npy -o book.safetensors --stages 3 --codewords 32,64,128 --seed 7`;

export function addTrain(program: Command): Command {
  const command = program
    .command('train')
    .summary('make a codebook for vectors')
    .description('Make a codebook for vectors. The same vectors, options and seed give the same codebook on every machine.')
    .argument('<vectors>', HELP.vectors)
    .requiredOption('-o, --output <file>', HELP.codebookOutput)
    .requiredOption('--stages <n>', 'number of stages', integerOption({ min: 1, max: MAX_STAGES }))
    .requiredOption('--codewords <n>', 'codewords a stage, or a list of one number a stage', codewordsOption)
    .option('--iterations <n>', 'Lloyd iterations a stage at most', integerOption({ min: 0, max: 10_000 }), 10)
    .addOption(new Option('--init <how>', 'how codewords start').choices(['k-means++', 'random', 'normal']).default('k-means++'))
    .option('--beam <n>', 'entries of each row that beam search keeps while training, 1 to 64', beamOption, DEFAULT_BEAM)
    .option('--refine <n>', 'rounds of joint refinement after the last stage', integerOption({ min: 0, max: 1000 }), 0)
    .option('--seed <n>', 'seed of all random choices', integerOption({ min: 0, max: 0xffffffff }), 1)
    .option('--max-rows-per-codeword <n>', 'draw at most so many rows a codeword', integerOption({ min: 1, max: 1e15 }), 256)
    .option('--tolerance <part>', 'end a stage once an iteration lowers its mse by less than this part', partOption, 0)
    .addOption(threadsOption());
  return addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: TrainFlags) => interruptible((signal) => runTrain(path, flags, signal)));
}

async function runTrain(path: string, flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const { output, threads, stages, codewords } = flags;
  if (Array.isArray(codewords) && codewords.length !== stages) {
    throw new UsageError(`--codewords: expected one number, or one for each of the ${stages} stages, got ${codewords.length}`);
  }
  await checkOutput('codebook', output, [path]);
  const input = await openInput(path, flags);
  const rows = input.rows === undefined ? 'the rows' : `${count(input.rows)} rows`;
  printNote(`training ${stagesText(codewordsPerStage('train', stages, codewords))} on ${rows} of dim ${count(input.dim)}`);
  const started = performance.now();
  const work = trainWork(input, flags);
  const { codebook, report } = await withThreads({ threads, work, signal }, (verbs) =>
    naming(input, () => trainWithProgress(verbs, input, { ...trainOptions(flags), signal })),
  );
  const seconds = (performance.now() - started) / 1000;
  await saveCodebook(output, codebook, signal);
  for (const warning of report.warnings) printWarning(warning);
  printDone(
    {
      output,
      dim: codebook.dim,
      codewords: codebook.codewords,
      bitsPerRow: sum(bitsPerStage(codebook.codewords)),
      id: codebook.id,
      ...report,
      seconds,
    },
    `wrote ${outputName(output)}: ${summary(codebook, report)}\n${reportTable(report)}`,
  );
}

function trainOptions({ stages, codewords, iterations, init, beam, refine, seed, maxRowsPerCodeword, tolerance }: TrainFlags): TrainOptions {
  return { stages, codewords, iterations, init, beam, refine, seed, maxRowsPerCodeword, tolerance };
}

/** Multiply-adds of training, about: each iteration assigns the rows once, at worst all entries of them. */
function trainWork({ rows, dim }: VectorInput, { stages, codewords, iterations, maxRowsPerCodeword, beam }: TrainFlags): number {
  const sizes = codewordsPerStage('train', stages, codewords);
  return sum(sizes.map((count) => Math.min(rows ?? Number.POSITIVE_INFINITY, maxRowsPerCodeword * count) * count)) * dim * (iterations + 1) * beam;
}

/** A bar on a terminal; elsewhere a line for each stage. */
async function trainWithProgress({ train }: Verbs, input: VectorInput, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  const bar = createProgressBar();
  let announced = -1;
  try {
    return await train(withProgress('reading', input, input), {
      ...options,
      onProgress({ stage, stages, iteration, iterations, mse, fraction, secondsLeft }) {
        const place = `stage ${stage + 1} of ${stages}`;
        bar.show(`stage ${stage + 1}/${stages}, iteration ${iteration}/${iterations}, mse ${short(mse)}`, { fraction, secondsLeft });
        if (!bar.visible && stage > announced) printNote(`${place} (${Math.floor(100 * fraction)} % done)`);
        announced = stage;
      },
    });
  } finally {
    bar.end();
  }
}

function summary({ codewords, dim, id }: Codebook, { rows, rowsUsed, mse }: TrainReport): string {
  const used = rowsUsed < rows ? `, trained on ${count(rowsUsed)} of ${count(rows)} rows` : '';
  return `${stagesText(codewords)} of dim ${dim}, ${sum(bitsPerStage(codewords))} bits a row${used}, mse ${short(mse)}, id ${id}`;
}

function reportTable({ stages }: TrainReport): string {
  const heads = ['stage', 'codewords', 'rows', 'mse', 'iterations', 'repaired', 'dead', 'entropy'];
  const rows = stages.map((stage, m) => [
    String(m + 1),
    count(stage.codewords),
    count(stage.rows),
    short(stage.mse),
    String(stage.iterations),
    count(stage.repaired),
    count(stage.dead),
    stage.entropy.toFixed(3),
  ]);
  return table([heads, ...rows]);
}
