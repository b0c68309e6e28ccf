// rvq encode: vectors to codes.
import type { Command } from 'commander';
import { extensionOf } from '../formats/extension.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { encodeWork } from '../model/work.ts';
import { readCodec } from '../node/index.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput } from './files.ts';
import { naming, openInput, type VectorFlags } from './input.ts';
import { addVectorOptions, beamOption, HELP, prefixOption, threadsOption } from './options.ts';
import { printDone } from './output.ts';
import { saveCodes, withProgress } from './save.ts';
import { outputName, STDIO } from './stdio.ts';
import { rate } from './terminal.ts';
import { withThreads } from './threads.ts';

interface EncodeFlags extends VectorFlags {
  output: string;
  beam: number;
  packed?: boolean;
  threads?: number;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq encode book.safetensors vectors.fvecs -o codes.safetensors
  rvq encode book.safetensors vectors.npy -o codes.npy --beam 5
  rvq encode dac/model.safetensors latents.npy -o codes.npy
  program-that-prints-float32 | rvq encode book.safetensors - -o - --packed > codes.bin`;

export function addEncode(program: Command): Command {
  const command = program
    .command('encode')
    .summary('turn vectors into codes')
    .description('Find the codes of vectors: for each stage the nearest codeword, exactly. Files may be larger than memory.')
    .argument('<codebook>', HELP.codebook)
    .argument('<vectors>', HELP.vectors)
    .requiredOption('-o, --output <file>', HELP.codesOutput)
    .option('--beam <n>', 'encodings kept of each row: more take longer and leave less error', beamOption, 1)
    .option('--packed', 'as few bits a code as its stage needs: in .safetensors files, and to standard output')
    .addOption(threadsOption())
    .addOption(prefixOption());
  return addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: EncodeFlags) => interruptible((signal) => runEncode(book, path, flags, signal)));
}

async function runEncode(book: string, path: string, flags: EncodeFlags, signal: AbortSignal): Promise<void> {
  const { output, beam, packed = false, threads, prefix } = flags;
  await checkOutput('codes', output, [book, path]);
  if (packed && output !== STDIO && extensionOf('codes', output, 'write') !== 'safetensors') {
    throw new UsageError(`--packed: only .safetensors files hold packed codes, not ${output}`);
  }
  const codebook = await readCodec(book, { prefix });
  const input = await openInput(path, flags, codebook.dim);
  const started = performance.now();
  const work = (input.rows ?? Number.POSITIVE_INFINITY) * encodeWork(codebook, beam);
  let rows = 0;
  const passed = (done: number): void => {
    rows = done;
  };
  await withThreads({ threads, work, signal }, ({ encodeStream }) => {
    const codes = withProgress('encoding', encodeStream(codebook, input, { beam, signal }), { rows: input.rows, passed });
    return naming('vectors', input, () => saveCodes(output, codes, codebook, { packed, rows: input.rows, signal }));
  });
  const seconds = (performance.now() - started) / 1000;
  const { codewords, dim, id } = codebook;
  const bitsPerRow = sum(bitsPerStage(codewords));
  const stages = codewords.length;
  printDone(
    { output, rows, dim, stages, codewords, bitsPerRow, packed, codebookId: id, seconds },
    `wrote ${outputName(output)}: ${count(rows)} rows x ${stages} stages, ${bitsPerRow} bits a row, ${rate(rows, seconds)}`,
  );
}
