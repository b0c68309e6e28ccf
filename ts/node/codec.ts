// Codecs out of models on disk: a .safetensors file, the index of several, or the folder that holds them. Of a model no more is read than its
// header and the tensors of its quantizer.
import { dirname, join } from 'node:path';
import { parseNamedCodebook } from '../formats/by-name.ts';
import { parseCodebook } from '../formats/codebook.ts';
import { type CheckpointFiles, codecOfFiles, type RecognizedCodec, type TensorFile, tensorsByName } from '../formats/codecs/load.ts';
import { parseShardIndex } from '../formats/codecs/sharded.ts';
import { extensionOf } from '../formats/extension.ts';
import { formatOf } from '../formats/metadata.ts';
import { headerEnd, parseSafetensors } from '../formats/safetensors.ts';
import type { Codec } from '../model/codec.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { readOptions } from '../model/options.ts';
import { checkPath, fileSize, filesIn, isFolder, readBytes, readRange } from './read.ts';

export interface ReadCodecOptions {
  /** With what the names of the quantizer's tensors begin, where a model holds several, such as "ema."; default "". */
  prefix?: string | undefined;
}

/**
 * Reads what a neural codec quantizes with out of a model: a .safetensors file, a model.safetensors.index.json, or the folder of either. It also
 * reads what readCodebook reads.
 *
 * @throws RvqError `BAD_FILE` with the tensor, `UNSUPPORTED` for a quantizer that is no residual one, `FILE_ACCESS`
 */
export async function readCodec(path: string, options?: ReadCodecOptions): Promise<Codec> {
  const { prefix = '' } = readOptions('readCodec', options, ['prefix']);
  if (typeof prefix !== 'string') throw badArgument('readCodec option prefix', 'a string', prefix);
  return (await readRecognized(checkPath(path), prefix)).codec;
}

/** As readCodec, with the name of what it is. */
export async function readRecognized(path: string, prefix = ''): Promise<RecognizedCodec> {
  const file = (await isFolder(path)) ? await checkpointIn(path) : path;
  if (/\.json$/i.test(file)) {
    const places = parseShardIndex(await readBytes(file), file);
    const folder = dirname(file);
    const within = new Map([...places].map(([tensor, shard]) => [tensor, join(folder, shard)]));
    return codecOfFiles({ name: file, prefix, places: within, open: openFile });
  }
  if (/\.(bin|pt|pth|th|ckpt)$/i.test(file)) {
    throw new RvqError('UNSUPPORTED', file, 'expected a model as .safetensors: a pickle of PyTorch has to be saved as one first');
  }
  if (extensionOf('codebook', file) !== 'safetensors') return { codec: parseNamedCodebook(await readBytes(file), file), layout: undefined };
  const opened = await openFile(file);
  if (formatOf(opened.header.metadata) !== undefined) return { codec: parseCodebook(await readBytes(file), file), layout: undefined };
  const places = new Map([...tensorsByName(opened.header).keys()].map((tensor) => [tensor, file]));
  return codecOfFiles({ name: file, prefix, places, open: async () => opened } satisfies CheckpointFiles);
}

/** The checkpoint in a folder: of the names that programs give it, or the one that there is. */
async function checkpointIn(folder: string): Promise<string> {
  const files = (await filesIn(folder)).filter((name) => /\.safetensors(\.index\.json)?$/i.test(name)).sort();
  const usual = ['model.safetensors.index.json', 'model.safetensors'].find((name) => files.includes(name));
  const found = usual ?? files.find((name) => /\.json$/i.test(name)) ?? (files.length === 1 ? files[0] : undefined);
  if (found !== undefined) return join(folder, found);
  const got = files.length === 0 ? 'none' : files.slice(0, 4).join(', ');
  throw new RvqError('FILE_ACCESS', folder, `cannot read: expected a folder with model.safetensors or model.safetensors.index.json, got ${got}`);
}

async function openFile(path: string): Promise<TensorFile> {
  const size = await fileSize(path);
  const end = headerEnd(await readRange(path, 0, Math.min(8, size)), path, size);
  const header = parseSafetensors(await readRange(path, 0, end), path, size);
  return { header, read: (tensor) => readRange(path, tensor.start, tensor.end) };
}
