// rvq info: what a file is.
import type { Command } from 'commander';
import { checkpointOf } from '../formats/checkpoint.ts';
import { holdsStages } from '../formats/codecs/layouts.ts';
import { recognizeCodec, tensorsByName } from '../formats/codecs/load.ts';
import { codesHeader, parseCodes } from '../formats/codes.ts';
import { extensionList, extensionOf, type Format } from '../formats/extension.ts';
import { FORMATS, formatOf } from '../formats/metadata.ts';
import { parseSafetensors } from '../formats/safetensors.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { count, counted } from '../model/errors.ts';
import { readRecognized } from '../node/codec.ts';
import { fileSize, isFolder, readBytes } from '../node/read.ts';
import { progressText } from './checkpoint.ts';
import { type Description, describeCodec } from './info-codec.ts';
import { describeFaiss } from './info-faiss.ts';
import { describeNpy, describeNpz, describeRaw, describeTable, describeVecs } from './info-vectors.ts';
import { printResult } from './output.ts';
import { stagesText } from './terminal.ts';

const EXAMPLES = `
Examples:
  rvq info book.safetensors
  rvq info vectors.npy --json
  rvq info model.safetensors`;

export function addInfo(program: Command): Command {
  return program
    .command('info')
    .summary('tell what a file is')
    .description(
      'Tell what a file is: vectors, a codebook, codes, an index of faiss, a checkpoint of training, a model with a codec, or other tensors. All of it is checked, but whether vectors are finite; of a model only its header and its codec, of other tensors the header, and of a table the column of vectors, or where there is not just one of them the metadata.',
    )
    .argument('<file>', `${extensionList('any file')}; of a model also its .index.json or its folder`)
    .addHelpText('after', EXAMPLES)
    .action(runInfo);
}

async function runInfo(file: string): Promise<void> {
  if (/\.json$/i.test(file) || (await isFolder(file))) return print(file, { format: 'safetensors' }, describeCodec(await readRecognized(file)));
  const format = extensionOf('any file', file);
  if (format === 'parquet' || format === 'arrow') return print(file, { format, bytes: await fileSize(file) }, await describeTable(file, format));
  const bytes = await readBytes(file);
  print(file, { format, bytes: bytes.length }, describeFile(bytes, file, format));
}

function print(file: string, facts: { format: string; bytes?: number }, description: Description): void {
  const text = [`${file}: ${description.lines[0]}`, ...description.lines.slice(1).map((line) => `  ${line}`)].join('\n');
  printResult({ file, ...facts, ...description.json }, text);
}

function describeFile(bytes: Uint8Array, file: string, format: Exclude<Format, 'parquet' | 'arrow'>): Description {
  switch (format) {
    case 'safetensors':
      return describeSafetensors(bytes, file);
    case 'npy':
      return describeNpy(bytes, file);
    case 'npz':
      return describeNpz(bytes, file);
    case 'faissindex':
      return describeFaiss(bytes, file);
    case 'f32':
      return describeRaw(bytes, file);
    default:
      return describeVecs(bytes, file, format);
  }
}

function describeSafetensors(bytes: Uint8Array, file: string): Description {
  const parsed = parseSafetensors(bytes, file);
  const format = formatOf(parsed.metadata);
  if (format === FORMATS.codebook || holdsStages([...tensorsByName(parsed).keys()])) return describeCodec(recognizeCodec(bytes, file));
  if (format === FORMATS.codes) {
    const { rows, codewords, codebookId, packed } = codesHeader(parsed, file);
    parseCodes(bytes, file); // every code is one that its stage has
    const bitsPerRow = sum(bitsPerStage(codewords));
    return {
      json: { kind: 'codes', rows, stages: codewords.length, codewords, bitsPerRow, packed, codebookId },
      lines: [
        `codes, ${counted(rows, 'rows')}, ${stagesText(codewords)}, ${counted(bitsPerRow, 'bits')} a row, ${packed ? 'packed' : 'plain'}`,
        `made with codebook ${codebookId}`,
      ],
    };
  }
  if (format === FORMATS.checkpoint) {
    const checkpoint = checkpointOf(parsed, bytes, file);
    const { codebook, stages, refinements, settings } = checkpoint;
    const { dim, id } = codebook;
    return {
      json: { kind: 'checkpoint', dim, stages: stages.length, refinements: refinements.length, settings, id },
      lines: [
        `checkpoint of a training, ${progressText(checkpoint)} done: ${stagesText(settings.codewords)} of dim ${count(dim)}`,
        ...Object.entries(settings).map(([option, value]) => `${option} ${value === null ? 'none' : String(value)}`),
      ],
    };
  }
  const tensors = parsed.tensors.map(({ name, type, shape }) => ({ name, type, shape }));
  return {
    json: { kind: 'tensors', tensors },
    lines: [counted(tensors.length, 'tensors'), ...tensors.map(({ name, type, shape }) => `${JSON.stringify(name)} ${type} [${shape.join(', ')}]`)],
  };
}
