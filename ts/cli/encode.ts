// rvq encode: vectors to codes.
import type { Command } from 'commander';
import { extensionOf } from '../formats/extension.ts';
import type { Codec, Codes, Matrix } from '../index.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { createCodeArray } from '../model/codes.ts';
import { count } from '../model/errors.ts';
import { encodeWork } from '../model/work.ts';
import { readCodec, writeCodes } from '../node/index.ts';
import { inBlocks } from './blocks.ts';
import { interruptible, UsageError } from './exit.ts';
import { checkOutput, readFiniteVectors, writeOutput } from './files.ts';
import { beamOption, CODEBOOK_ARGUMENT, prefixOption, tensorOption, threadsOption } from './options.ts';
import { printNote, rate } from './terminal.ts';
import { type Verbs, withThreads } from './threads.ts';

interface EncodeFlags {
  output: string;
  beam: number;
  packed?: boolean;
  threads?: number;
  tensor?: string;
  prefix?: string;
}

const EXAMPLES = `
Examples:
  rvq encode book.safetensors vectors.fvecs -o codes.safetensors
  rvq encode book.safetensors vectors.fvecs -o codes.npy
  rvq encode dac/model.safetensors latents.npy -o codes.npy`;

export function addEncode(program: Command): Command {
  return program
    .command('encode')
    .summary('turn vectors into codes')
    .description('Find the codes of vectors: for each stage the nearest codeword, exactly.')
    .argument('<codebook>', CODEBOOK_ARGUMENT)
    .argument('<vectors>', 'vectors of its dim: .fvecs, .bvecs, .ivecs, .npy or .safetensors')
    .requiredOption('-o, --output <file>', 'the codes to write: .safetensors, which names the codebook, or .npy, rows x stages')
    .option('--beam <n>', 'encodings kept of each row: more take longer and leave less error', beamOption, 1)
    .option('--packed', 'as few bits a code as its stage needs (.safetensors only)')
    .addOption(threadsOption())
    .addOption(tensorOption())
    .addOption(prefixOption())
    .addHelpText('after', EXAMPLES)
    .action((book: string, path: string, flags: EncodeFlags) => interruptible((signal) => runEncode(book, path, flags, signal)));
}

async function runEncode(book: string, path: string, flags: EncodeFlags, signal: AbortSignal): Promise<void> {
  const { output, beam, packed, threads, tensor, prefix } = flags;
  await checkOutput('codes', output, [book, path]);
  if (packed && extensionOf('codes', output) !== 'safetensors') {
    throw new UsageError(`--packed: only .safetensors files hold packed codes, not ${output}`);
  }
  const codebook = await readCodec(book, { prefix });
  const vectors = await readFiniteVectors(path, { tensor, dim: codebook.dim });
  const started = performance.now();
  const work = vectors.rows * encodeWork(codebook, beam);
  const codes = await withThreads({ threads, work, signal }, (verbs) => encodeInBlocks(verbs, codebook, vectors, beam));
  const seconds = (performance.now() - started) / 1000;
  await writeOutput(() => writeCodes(output, codes, codebook, { packed, signal }));
  const bits = sum(bitsPerStage(codebook.codewords));
  printNote(`wrote ${output}: ${count(codes.rows)} rows x ${codes.stages} stages, ${bits} bits a row, ${rate(codes.rows, seconds)}`);
}

/** Encodes part by part: rows do not depend on each other. */
async function encodeInBlocks({ threads, encode }: Verbs, codebook: Codec, vectors: Matrix, beam: number): Promise<Codes> {
  const { rows, dim, data } = vectors;
  const stages = codebook.codewords.length;
  const all = createCodeArray(codebook.codewords, rows * stages);
  await inBlocks({ rows, dim, rowWork: encodeWork(codebook, beam), threads, task: 'encoding' }, async (start, end) => {
    const part = await encode(codebook, { data: data.subarray(start * dim, end * dim), rows: end - start, dim }, { beam });
    all.set(part.data, start * stages);
  });
  return { data: all, rows, stages, codebookId: codebook.id };
}
