// rvq decode: codes to vectors.
import type { Command } from 'commander';
import type { Codec, Codes, Matrix } from '../index.ts';
import { MAX_STAGES } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { decodeWork } from '../model/work.ts';
import { readCodec, readCodes, writeVectors } from '../node/index.ts';
import { inBlocks } from './blocks.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput, writeOutput } from './files.ts';
import { CODEBOOK_ARGUMENT, integerOption, prefixOption, threadsOption } from './options.ts';
import { printNote } from './terminal.ts';
import { type Verbs, withThreads } from './threads.ts';

interface DecodeFlags {
  output: string;
  stages?: number;
  threads?: number;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq decode book.safetensors codes.safetensors -o rebuilt.fvecs
  rvq decode book.safetensors codes.npy -o coarse.npy --stages 2`;

export function addDecode(program: Command): Command {
  return program
    .command('decode')
    .summary('turn codes back into vectors')
    .description('Rebuild vectors from their codes: the sum of the codewords that they name.')
    .argument('<codebook>', CODEBOOK_ARGUMENT)
    .argument('<codes>', 'codes made with it: .safetensors or .npy')
    .requiredOption('-o, --output <file>', 'the vectors to write: .fvecs, .npy or .safetensors (.bvecs and .ivecs if all are integers)')
    .option('--stages <n>', 'use the first so many stages only', integerOption({ min: 1, max: MAX_STAGES }))
    .addOption(threadsOption())
    .addOption(prefixOption())
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: DecodeFlags) => interruptible((signal) => runDecode(book, path, flags, signal)));
}

async function runDecode(book: string, path: string, flags: DecodeFlags, signal: AbortSignal): Promise<void> {
  const { output, threads, prefix } = flags;
  await checkOutput('vectors', output, [book, path]);
  const codebook = await readCodec(book, { prefix });
  const all = codebook.codewords.length;
  const { stages = all } = flags;
  if (stages > all) throw new UsageError(`--stages: expected 1 to ${all}, as many as ${book} has, got ${stages}`);
  const codes = await readCodes(path, codebook);
  const work = codes.rows * decodeWork(codebook, stages);
  const vectors = await withThreads({ threads, work, signal }, (verbs) => decodeInBlocks(verbs, codebook, codes, stages));
  await writeOutput(() => writeVectors(output, vectors, { signal }));
  printNote(
    `wrote ${output}: ${count(vectors.rows)} rows of dim ${vectors.dim} from ${stages === all ? `${all} stages` : `${stages} of ${all} stages`}`,
  );
}

/** Decodes part by part, as encode does. */
async function decodeInBlocks({ threads, decode }: Verbs, codebook: Codec, codes: Codes, stages: number): Promise<Matrix> {
  const { dim } = codebook;
  const { rows, codebookId } = codes;
  const width = codes.stages;
  const data = new Float32Array(rows * dim);
  await inBlocks({ rows, dim, rowWork: decodeWork(codebook, stages), threads, task: 'decoding' }, async (start, end) => {
    const part = { data: codes.data.subarray(start * width, end * width), rows: end - start, stages: width, codebookId };
    data.set((await decode(codebook, part, { stages })).data, start * dim);
  });
  return { data, rows, dim };
}
