// rvq encode: vectors to codes.
import type { Command } from 'commander';
import { extensionOf } from '../formats/extension.ts';
import type { Codec } from '../index.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { counted } from '../model/errors.ts';
import { encodeWork } from '../model/work.ts';
import { readCodec } from '../node/index.ts';
import { ARROW_HELP, refuseFiles } from './arrow.ts';
import { columnNames, encodeArrow } from './encode-arrow.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput } from './files.ts';
import { naming, openInput, type VectorFlags } from './input.ts';
import { addVectorOptions, beamOption, checkPacked, HELP, needed, prefixOption, refuseFlags, threadsOption } from './options.ts';
import { keepStdoutForData, printDone } from './output.ts';
import { saveCodes, withProgress } from './save.ts';
import { outputName, STDIO } from './stdio.ts';
import { rate } from './terminal.ts';
import { withThreads } from './threads.ts';

interface EncodeFlags extends VectorFlags {
  output?: string;
  beam: number;
  arrow?: boolean;
  keep?: string[];
  codesColumn?: string;
  packed?: boolean;
  threads?: number;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq encode book.safetensors vectors.fvecs -o codes.safetensors
  rvq encode book.safetensors vectors.npy -o codes.npy --beam 5
  rvq encode dac/model.safetensors latents.npy -o codes.npy
  program-that-prints-float32 | rvq encode book.safetensors - -o - --packed > codes.bin
  rvq encode book.safetensors --arrow --column embedding --keep id < rows.arrows > codes.arrows

--arrow, for engines that run a program: each batch of the stream goes out as soon as its codes are there, with the columns beside the vectors as they
came, of whatever type, and a last one with the codes: a fixed-size list of uint8 (uint16 where a stage has more than 256 codewords), or with --packed
bytes. Its metadata name the codebook. A null, a row of another dim, NaN: exit code 3, and the stream stays without the mark of its end.`;

export function addEncode(program: Command): Command {
  const command = program
    .command('encode')
    .summary('turn vectors into codes')
    .description('Find the codes of vectors: for each stage the nearest codeword, exactly. Files may be larger than memory.')
    .argument('<codebook>', HELP.codebook)
    .argument('[vectors]', HELP.vectors)
    .option('-o, --output <file>', HELP.codesOutput)
    .option('--beam <n>', 'encodings kept of each row: more take longer and leave less error', beamOption, 1)
    .option('--packed', 'as few bits a code as its stage needs: in .safetensors files, and to standard output')
    .option('--arrow', ARROW_HELP)
    .option('--keep <names>', 'with --arrow: the columns to keep beside the codes, a,b,c (default: all but the vectors)', collect)
    .option('--codes-column <name>', 'with --arrow: what the column of the codes is called (default: codes)')
    .addOption(threadsOption())
    .addOption(prefixOption());
  return addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string | undefined, flags: EncodeFlags) =>
      interruptible((signal) =>
        flags.arrow === true ? runArrow(book, path, flags, signal) : runEncode(book, needed(command, 'vectors', path), { command, ...flags }, signal),
      ),
    );
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function runArrow(book: string, path: string | undefined, flags: EncodeFlags, signal: AbortSignal): Promise<void> {
  const { output, beam, packed = false, threads, prefix, column, keep, codesColumn = 'codes' } = flags;
  refuseFiles({ arguments: [path], output });
  refuseFlags('with --arrow', flags, ['tensor', 'array', 'dim']);
  keepStdoutForData();
  const codebook = await readCodec(book, { prefix });
  if (packed) checkPacked(codebook);
  const started = performance.now();
  const kept = keep && columnNames(keep);
  const rows = await encodeArrow(codebook, { column, keep: kept, codesColumn, beam, packed, threads, signal });
  printEncoded(codebook, { output: STDIO, rows, packed, started });
}

async function runEncode(book: string, path: string, { command, ...flags }: EncodeFlags & { command: Command }, signal: AbortSignal): Promise<void> {
  const { beam, packed = false, threads, prefix } = flags;
  const output = needed(command, '-o, --output <file>', flags.output);
  refuseFlags('without --arrow', flags, ['keep', 'codesColumn']);
  await checkOutput('codes', output, [book, path]);
  if (packed && output !== STDIO && extensionOf('codes', output, 'write') !== 'safetensors') {
    throw new UsageError(`--packed: only .safetensors files hold packed codes, not ${output}`);
  }
  const codebook = await readCodec(book, { prefix });
  if (packed) checkPacked(codebook);
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
  printEncoded(codebook, { output, rows, packed, started });
}

function printEncoded(
  { codewords, dim, id }: Codec,
  { output, rows, packed, started }: { output: string; rows: number; packed: boolean; started: number },
): void {
  const seconds = (performance.now() - started) / 1000;
  const bitsPerRow = sum(bitsPerStage(codewords));
  const stages = codewords.length;
  printDone(
    { output, rows, dim, stages, codewords, bitsPerRow, packed, codebookId: id, seconds },
    `wrote ${outputName(output)}: ${counted(rows, 'rows')} x ${counted(stages, 'stages')}, ${counted(bitsPerRow, 'bits')} a row, ${rate(rows, seconds)}`,
  );
}
