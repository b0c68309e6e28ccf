// rvq decode: codes to vectors.
import type { Command } from 'commander';
import { MAX_STAGES } from '../model/codebook.ts';
import { counted } from '../model/errors.ts';
import { decodeWork } from '../model/work.ts';
import { readCodec } from '../node/index.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput } from './files.ts';
import { naming, openCodesInput } from './input.ts';
import { checkPacked, HELP, integerOption, prefixOption, threadsOption } from './options.ts';
import { printDone } from './output.ts';
import { saveVectors, withProgress } from './save.ts';
import { outputName } from './stdio.ts';
import { rate } from './terminal.ts';
import { withThreads } from './threads.ts';

interface DecodeFlags {
  output: string;
  stages?: number;
  packed?: boolean;
  threads?: number;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq decode book.safetensors codes.safetensors -o rebuilt.fvecs
  rvq decode book.safetensors codes.npy -o coarse.npy --stages 2
  rvq encode book.safetensors vectors.npy -o - | rvq decode book.safetensors - -o rebuilt.npy`;

export function addDecode(program: Command): Command {
  return program
    .command('decode')
    .summary('turn codes back into vectors')
    .description('Rebuild vectors from their codes: the sum of the codewords that they name. Files may be larger than memory.')
    .argument('<codebook>', HELP.codebook)
    .argument('<codes>', HELP.codes)
    .requiredOption('-o, --output <file>', HELP.vectorsOutput)
    .option('--stages <n>', 'use the first so many stages only', integerOption({ min: 1, max: MAX_STAGES }))
    .option('--packed', 'the codes of standard input are packed')
    .addOption(threadsOption())
    .addOption(prefixOption())
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: DecodeFlags) => interruptible((signal) => runDecode(book, path, flags, signal)));
}

async function runDecode(book: string, path: string, flags: DecodeFlags, signal: AbortSignal): Promise<void> {
  const { output, packed = false, threads, prefix } = flags;
  await checkOutput('vectors', output, [book, path]);
  const codebook = await readCodec(book, { prefix });
  const all = codebook.codewords.length;
  const { stages = all } = flags;
  if (stages > all) throw new UsageError(`--stages: expected 1 to ${all}, as many as ${book} has, got ${stages}`);
  if (packed) checkPacked(codebook);
  const input = await openCodesInput(path, codebook, { packed });
  const started = performance.now();
  const work = (input.rows ?? Number.POSITIVE_INFINITY) * decodeWork(codebook, stages);
  let rows = 0;
  const passed = (done: number): void => {
    rows = done;
  };
  const { dim } = codebook;
  await withThreads({ threads, work, signal }, ({ decodeStream }) => {
    const vectors = withProgress('decoding', decodeStream(codebook, input, { stages, signal }), { rows: input.rows, passed });
    return naming('codes', input, () => saveVectors(output, vectors, dim, { rows: input.rows, signal }));
  });
  const seconds = (performance.now() - started) / 1000;
  const from = stages === all ? counted(all, 'stages') : `${stages} of ${counted(all, 'stages')}`;
  printDone(
    { output, rows, dim, stages, seconds },
    `wrote ${outputName(output)}: ${counted(rows, 'rows')} of dim ${dim} from ${from}, ${rate(rows, seconds)}`,
  );
}
