// rvq train: vectors to a codebook.
import { type Command, Option } from 'commander';
import type { Codebook, Init, Matrix, TrainOptions, TrainReport } from '../index.ts';
import { DEFAULT_BEAM, DEFAULT_ITERATIONS } from '../kmeans/plan.ts';
import { bitsPerStage, codewordsPerStage, MAX_STAGES, sum } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { writeCodebook } from '../node/index.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput, readFiniteVectors, writeOutput } from './files.ts';
import { beamOption, codewordsOption, integerOption, partOption, tensorOption, threadsOption } from './options.ts';
import { createProgressBar, printNote, short, stagesText, table } from './terminal.ts';
import { type Verbs, withThreads } from './threads.ts';

interface TrainFlags {
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
  tensor?: string;
}

const EXAMPLES = `
Examples:
  rvq train vectors.fvecs -o book.safetensors --stages 8 --codewords 256
  rvq train vectors.npy -o book.safetensors --stages 3 --codewords 32,64,128 --seed 7`;

export function addTrain(program: Command): Command {
  return program
    .command('train')
    .summary('make a codebook for vectors')
    .description('Make a codebook for vectors. The same vectors, options and seed give the same codebook on every machine.')
    .argument('<vectors>', 'training vectors: .fvecs, .bvecs, .ivecs, .npy or .safetensors')
    .requiredOption('-o, --output <file>', 'the codebook to write: .safetensors')
    .requiredOption('--stages <n>', 'number of stages', integerOption({ min: 1, max: MAX_STAGES }))
    .requiredOption('--codewords <n>', 'codewords a stage, or a list of one number a stage', codewordsOption)
    .option('--iterations <n>', 'Lloyd iterations a stage at most', integerOption({ min: 0, max: 10_000 }), DEFAULT_ITERATIONS)
    .addOption(new Option('--init <how>', 'how codewords start').choices(['k-means++', 'random', 'normal']).default('k-means++'))
    .option('--beam <n>', 'entries of each row that beam search keeps while training, 1 to 64', beamOption, DEFAULT_BEAM)
    .option('--refine <n>', 'rounds of joint refinement after the last stage', integerOption({ min: 0, max: 1000 }), 0)
    .option('--seed <n>', 'seed of all random choices', integerOption({ min: 0, max: 0xffffffff }), 1)
    .option('--max-rows-per-codeword <n>', 'draw at most so many rows a codeword', integerOption({ min: 1, max: 1e15 }), 256)
    .option('--tolerance <part>', 'end a stage once an iteration lowers its mse by less than this part', partOption, 0)
    .addOption(threadsOption())
    .addOption(tensorOption())
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: TrainFlags) => interruptible((signal) => runTrain(path, flags, signal)));
}

async function runTrain(path: string, { output, tensor, threads, ...options }: TrainFlags, signal: AbortSignal): Promise<void> {
  const { stages, codewords } = options;
  if (Array.isArray(codewords) && codewords.length !== stages) {
    throw new UsageError(`--codewords: expected one number, or one for each of the ${stages} stages, got ${codewords.length}`);
  }
  await checkOutput('codebook', output, [path]);
  const vectors = await readFiniteVectors(path, { tensor });
  printNote(`training ${stagesText(codewordsPerStage('train', stages, codewords))} on ${count(vectors.rows)} rows of dim ${count(vectors.dim)}`);
  const work = trainWork(vectors, options);
  const { codebook, report } = await withThreads({ threads, work, signal }, (verbs) => trainWithProgress(verbs, vectors, { ...options, signal }));
  await writeOutput(() => writeCodebook(output, codebook, { signal }));
  for (const warning of report.warnings) printNote(`warning: ${warning}`);
  printNote(`wrote ${output}: ${summary(codebook, report)}\n${reportTable(report)}`);
}

/** Multiply-adds of training, about: each iteration assigns the rows once, at worst all entries of them. */
function trainWork({ rows, dim }: Matrix, { stages, codewords, iterations, maxRowsPerCodeword, beam }: Omit<TrainFlags, 'output'>): number {
  const sizes = codewordsPerStage('train', stages, codewords);
  return sum(sizes.map((count) => Math.min(rows, maxRowsPerCodeword * count) * count)) * dim * (iterations + 1) * beam;
}

/** A bar on a terminal; elsewhere a line for each stage. */
async function trainWithProgress({ train }: Verbs, vectors: Matrix, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  const bar = createProgressBar();
  let announced = -1;
  try {
    return await train(vectors, {
      ...options,
      onProgress({ stage, stages, iteration, iterations, mse, fraction }) {
        const place = `stage ${stage + 1} of ${stages}`;
        bar.show(fraction, `stage ${stage + 1}/${stages}, iteration ${iteration}/${iterations}, mse ${short(mse)}`);
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
