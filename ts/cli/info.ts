// rvq info: what a file is.
import type { Command } from 'commander';
import { checkpointOf } from '../formats/checkpoint.ts';
import { holdsStages } from '../formats/codecs/layouts.ts';
import { recognizeCodec, tensorsByName } from '../formats/codecs/load.ts';
import { codesHeader, parseCodes } from '../formats/codes.ts';
import { elementBytes, isWhole } from '../formats/elements.ts';
import { extensionOf } from '../formats/extension.ts';
import { FORMATS, formatOf } from '../formats/metadata.ts';
import { inspectNpy } from '../formats/npy.ts';
import { parseSafetensors } from '../formats/safetensors.ts';
import { parseVecs, type VecsKind } from '../formats/vecs.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { readRecognized } from '../node/codec.ts';
import { isFolder, readBytes } from '../node/read.ts';
import { progressText } from './checkpoint.ts';
import { type Description, describeCodec } from './info-codec.ts';
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
      'Tell what a file is: vectors, a codebook, codes, a checkpoint of training, a model with a codec, or other tensors. The whole file is checked.',
    )
    .argument('<file>', '.fvecs, .bvecs, .ivecs, .npy or .safetensors; of a model also its .index.json or its folder')
    .addHelpText('after', EXAMPLES)
    .action(runInfo);
}

async function runInfo(file: string): Promise<void> {
  if (/\.json$/i.test(file) || (await isFolder(file))) return print(file, { format: 'safetensors' }, describeCodec(await readRecognized(file)));
  const extension = extensionOf('any file', file);
  const bytes = await readBytes(file);
  print(file, { format: extension, bytes: bytes.length }, describeFile(bytes, file, extension));
}

function print(file: string, facts: { format: string; bytes?: number }, description: Description): void {
  const text = [`${file}: ${description.lines[0]}`, ...description.lines.slice(1).map((line) => `  ${line}`)].join('\n');
  printResult({ file, ...facts, ...description.json }, text);
}

function describeFile(bytes: Uint8Array, file: string, extension: string): Description {
  if (extension === 'npy') return describeNpy(bytes, file);
  return extension === 'safetensors' ? describeSafetensors(bytes, file) : describeVecs(bytes, file, extension as VecsKind);
}

const VECS_TYPES: Readonly<Record<VecsKind, { type: string; bits: number }>> = {
  fvecs: { type: 'float32', bits: 32 },
  bvecs: { type: 'uint8', bits: 8 },
  ivecs: { type: 'int32', bits: 32 },
};

function describeVecs(bytes: Uint8Array, file: string, kind: VecsKind): Description {
  const { rows, dim } = parseVecs(bytes, file, kind);
  const { type, bits } = VECS_TYPES[kind];
  return vectors({ rows, dim, type, bitsPerRow: dim * bits });
}

function vectors(shape: { rows: number; dim: number; type: string; bitsPerRow: number }): Description {
  const { rows, dim, type, bitsPerRow } = shape;
  return {
    json: { kind: 'vectors', ...shape },
    lines: [`vectors, ${count(rows)} rows of dim ${count(dim)}, ${type}, ${count(bitsPerRow)} bits a row`],
  };
}

/** A .npy does not say what its numbers are: integers may be either. */
function describeNpy(bytes: Uint8Array, file: string): Description {
  const { type, shape, rows, width } = inspectNpy(bytes, file);
  const kind = isWhole(type) ? 'vectors or codes' : 'vectors';
  const bitsPerRow = width * elementBytes(type) * 8;
  const text = `${kind}, array of shape (${shape.join(', ')}), ${type}, ${count(bitsPerRow)} bits a row`;
  return { json: { kind, type, shape, rows, dim: width, bitsPerRow }, lines: [text] };
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
        `codes, ${count(rows)} rows, ${stagesText(codewords)}, ${count(bitsPerRow)} bits a row, ${packed ? 'packed' : 'plain'}`,
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
    lines: [`${count(tensors.length)} tensors`, ...tensors.map(({ name, type, shape }) => `${JSON.stringify(name)} ${type} [${shape.join(', ')}]`)],
  };
}
