// rvq eval: how well a codebook codes vectors.
import type { Command } from 'commander';
import type { Evaluation } from '../index.ts';
import { count, counted } from '../model/errors.ts';
import { encodeWork } from '../model/work.ts';
import { readCodec } from '../node/index.ts';
import { interruptible } from './exit.ts';
import { naming, openInput, type VectorFlags } from './input.ts';
import { addVectorOptions, beamOption, HELP, prefixOption, threadsOption } from './options.ts';
import { printResult } from './output.ts';
import { withProgress } from './save.ts';
import { percent, rate, short, stagesText, table } from './terminal.ts';
import { withThreads } from './threads.ts';

interface EvalFlags extends VectorFlags {
  beam: number;
  threads?: number;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq eval book.safetensors vectors.fvecs
  rvq eval book.safetensors vectors.fvecs --json`;

export function addEval(program: Command): Command {
  const command = program
    .command('eval')
    .summary('measure how well a codebook codes vectors')
    .description('Encode vectors and tell what is lost after each stage. mse: the mean over rows of the summed squared difference.')
    .argument('<codebook>', HELP.codebook)
    .argument('<vectors>', HELP.vectors)
    .option('--beam <n>', 'encodings kept of each row: more take longer and leave less error', beamOption, 1)
    .addOption(threadsOption())
    .addOption(prefixOption());
  return addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: EvalFlags) => interruptible((signal) => runEval(book, path, flags, signal)));
}

async function runEval(book: string, path: string, flags: EvalFlags, signal: AbortSignal): Promise<void> {
  const { beam, threads, prefix } = flags;
  const codebook = await readCodec(book, { prefix });
  const input = await openInput(path, flags, codebook.dim);
  const started = performance.now();
  const work = (input.rows ?? Number.POSITIVE_INFINITY) * encodeWork(codebook, beam);
  const evaluation = await withThreads({ threads, work, signal }, ({ evaluateStream }) =>
    naming('vectors', input, () => evaluateStream(codebook, withProgress('evaluating', input, input), { beam, signal })),
  );
  const seconds = (performance.now() - started) / 1000;
  printResult({ ...evaluation, seconds }, evaluationText(evaluation, seconds));
}

/** What people are told of an evaluation. */
export function evaluationText(evaluation: Evaluation, seconds: number): string {
  const { rows, dim, codewords, bitsPerRow, mse, relativeError } = evaluation;
  const ratio = bitsPerRow === 0 ? '' : `, ${short((32 * dim) / bitsPerRow)} times smaller than float32`;
  const stages = codewords.map((size, m) => [
    String(m + 1),
    count(size),
    short(evaluation.msePerStage[m]),
    percent(evaluation.relativeErrorPerStage[m]),
    evaluation.entropyPerStage[m].toFixed(3),
    count(evaluation.deadPerStage[m]),
  ]);
  return [
    `${counted(rows, 'rows')} of dim ${dim}, ${stagesText(codewords)}: ${counted(bitsPerRow, 'bits')} a row${ratio}`,
    `mse ${short(mse)}, relative error ${percent(relativeError)}; ${rate(rows, seconds)}`,
    table([['stages', 'codewords', 'mse', 'relative error', 'entropy', 'dead'], ...stages]),
  ].join('\n');
}
