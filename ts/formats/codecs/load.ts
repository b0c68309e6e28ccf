// loadCodec: the residual quantizer out of a model's checkpoint, which is one .safetensors file or several.
import type { Codec } from '../../model/codec.ts';
import { badArgument } from '../../model/errors.ts';
import { isPlain, readOptions } from '../../model/options.ts';
import { badFile, quote } from '../check.ts';
import { codebookOf } from '../codebook.ts';
import { formatOf } from '../metadata.ts';
import { checkBytes } from '../named.ts';
import { parseSafetensors, type Safetensors, type Tensor } from '../safetensors.ts';
import { buildCodec } from './build.ts';
import { type Plan, recognize } from './layouts.ts';
import { parseShardIndex } from './sharded.ts';
import type { Checkpoint, StoredTensor } from './weights.ts';

export interface LoadCodecOptions {
  /** What the bytes are called, for errors; default "model.safetensors", or "model.safetensors.index.json". */
  name?: string | undefined;
  /** With what the names of the quantizer's tensors begin, where a checkpoint holds several, such as "ema."; default "". */
  prefix?: string | undefined;
}

/** A checkpoint in several .safetensors files. */
export interface ShardedCheckpoint {
  /** The bytes of model.safetensors.index.json. */
  readonly index: Uint8Array;
  /** The bytes of the file of a name. Only those files are asked for that hold tensors of the quantizer. */
  readonly shards: (name: string) => Uint8Array | Promise<Uint8Array>;
}

/**
 * Reads what a neural codec quantizes with out of a checkpoint in .safetensors: EnCodec, DAC, Mimi and vector-quantize-pytorch, known by the
 * names of their tensors, whatever else the model holds. Where it is nothing but codewords it is a Codebook. docs/codecs.md tells more.
 *
 * @throws RvqError `BAD_FILE` with the tensor, `UNSUPPORTED` for a quantizer that is no residual one (FSQ, for example)
 */
export function loadCodec(bytes: Uint8Array, options?: LoadCodecOptions): Codec;
export function loadCodec(checkpoint: ShardedCheckpoint, options?: LoadCodecOptions): Promise<Codec>;
export function loadCodec(source: Uint8Array | ShardedCheckpoint, options?: LoadCodecOptions): Codec | Promise<Codec> {
  const { name, prefix = '' } = readOptions('loadCodec', options, ['name', 'prefix']);
  if (name !== undefined && typeof name !== 'string') throw badArgument('loadCodec option name', 'a string', name);
  if (typeof prefix !== 'string') throw badArgument('loadCodec option prefix', 'a string', prefix);
  if (isPlain(source)) return loadShards(source as ShardedCheckpoint, name ?? 'model.safetensors.index.json', prefix);
  return recognizeCodec(checkBytes(source), name ?? 'model.safetensors', prefix).codec;
}

async function loadShards({ index, shards }: ShardedCheckpoint, name: string, prefix: string): Promise<Codec> {
  const places = parseShardIndex(checkBytes(index, 'index'), name);
  if (typeof shards !== 'function') throw badArgument('shards', 'a function from the name of a file to its bytes', shards);
  const open = async (file: string): Promise<TensorFile> => {
    const bytes = checkBytes(await shards(file), `shards(${quote(file)})`);
    return { header: parseSafetensors(bytes, file), read: ({ start, end }) => bytes.subarray(start, end) };
  };
  return (await codecOfFiles({ name, prefix, places, open })).codec;
}

/** A codec, and whose it is. */
export interface RecognizedCodec {
  readonly codec: Codec;
  /** Such as "DAC"; undefined for a codebook of ours. */
  readonly layout: string | undefined;
}

/** The codec in the bytes of a file, which may be a codebook of ours too. */
export function recognizeCodec(bytes: Uint8Array, name: string, prefix = ''): RecognizedCodec {
  const header = parseSafetensors(bytes, name);
  if (formatOf(header.metadata) !== undefined) return { codec: codebookOf(header, bytes, name), layout: undefined };
  const tensors = tensorsByName(header);
  const plan = recognize([...tensors.keys()], name, prefix);
  const tensor = (wanted: string): StoredTensor | undefined => {
    const found = tensors.get(wanted);
    return found && { ...found, file: name, data: bytes.subarray(found.start, found.end) };
  };
  return built(plan, { name, tensor });
}

/** A .safetensors file that is read as far as it is needed. */
export interface TensorFile {
  readonly header: Safetensors;
  read(tensor: Tensor): Uint8Array | Promise<Uint8Array>;
}

/** A checkpoint in files. */
export interface CheckpointFiles {
  /** What it is called. */
  readonly name: string;
  readonly prefix: string;
  /** For each tensor its file. */
  readonly places: ReadonlyMap<string, string>;
  open(file: string): Promise<TensorFile>;
}

/** The codec in a checkpoint of which no more is read than belongs to it. */
export async function codecOfFiles({ name, prefix, places, open }: CheckpointFiles): Promise<RecognizedCodec> {
  const plan = recognize([...places.keys()], name, prefix);
  const stored = new Map<string, StoredTensor>();
  for (const file of new Set(plan.tensors.map((tensor) => places.get(tensor) ?? ''))) {
    const { header, read } = await open(file);
    const tensors = tensorsByName(header);
    for (const wanted of plan.tensors.filter((tensor) => places.get(tensor) === file)) {
      const tensor = tensors.get(wanted);
      if (tensor === undefined) throw badFile(file, 'header', `tensor ${quote(wanted)}, as ${name} says`, 'no such tensor');
      stored.set(wanted, { ...tensor, file, data: await read(tensor) });
    }
  }
  return built(plan, { name, tensor: (wanted) => stored.get(wanted) });
}

function built(plan: Plan, checkpoint: Checkpoint): RecognizedCodec {
  const codec = buildCodec(plan, checkpoint);
  const [{ layout, scope }] = plan.lists;
  const heads = checkpoint.tensor(`${scope}0.${layout.codewords}`)?.shape.length === 3;
  return { codec, layout: heads ? layout.titleOfHeads : layout.title };
}

/** The tensors of a file. Some programs save one that has several names once, and say in the metadata under which: { name: name it has }. */
export function tensorsByName({ tensors, metadata }: Safetensors): Map<string, Tensor> {
  const named = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const [name, kept] of metadata) {
    const tensor = named.get(kept);
    if (tensor !== undefined && !named.has(name)) named.set(name, tensor);
  }
  return named;
}
