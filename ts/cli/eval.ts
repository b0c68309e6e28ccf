// rvq eval: how well a codebook codes vectors.
import type { Command } from 'commander';
import type { Evaluation } from '../index.ts';
import { count } from '../model/errors.ts';
import { encodeWork } from '../model/work.ts';
import { readCodec } from '../node/index.ts';
import { interruptible } from './exit.ts';
import { readFiniteVectors } from './files.ts';
import { beamOption, CODEBOOK_ARGUMENT, prefixOption, tensorOption, threadsOption } from './options.ts';
import { percent, printResult, rate, short, stagesText, table } from './terminal.ts';
import { withThreads } from './threads.ts';

interface EvalFlags {
  beam: number;
  json?: boolean;
  threads?: number;
  tensor?: string;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq eval book.safetensors vectors.fvecs
  rvq eval book.safetensors vectors.fvecs --json`;

export function addEval(program: Command): Command {
  return program
    .command('eval')
    .summary('measure how well a codebook codes vectors')
    .description('Encode vectors and tell what is lost after each stage. mse: the mean over rows of the summed squared difference.')
    .argument('<codebook>', CODEBOOK_ARGUMENT)
    .argument('<vectors>', 'vectors of its dim: .fvecs, .bvecs, .ivecs, .npy or .safetensors')
    .option('--beam <n>', 'encodings kept of each row: more take longer and leave less error', beamOption, 1)
    .option('--json', 'print one JSON object')
    .addOption(threadsOption())
    .addOption(tensorOption())
    .addOption(prefixOption())
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: EvalFlags) => interruptible((signal) => runEval(book, path, flags, signal)));
}

async function runEval(book: string, path: string, { beam, json, threads, tensor, prefix }: EvalFlags, signal: AbortSignal): Promise<void> {
  const codebook = await readCodec(book, { prefix });
  const vectors = await readFiniteVectors(path, { tensor, dim: codebook.dim });
  const started = performance.now();
  const work = vectors.rows * encodeWork(codebook, beam);
  const evaluation = await withThreads({ threads, work, signal }, (verbs) => verbs.evaluate(codebook, vectors, { beam }));
  const seconds = (performance.now() - started) / 1000;
  printResult(json ? JSON.stringify({ ...evaluation, seconds }) : text(evaluation, seconds));
}

function text(evaluation: Evaluation, seconds: number): string {
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
    `${count(rows)} rows of dim ${dim}, ${stagesText(codewords)}: ${bitsPerRow} bits a row${ratio}`,
    `mse ${short(mse)}, relative error ${percent(relativeError)}; ${rate(rows, seconds)}`,
    table([['stages', 'codewords', 'mse', 'relative error', 'entropy', 'dead'], ...stages]),
  ].join('\n');
}
