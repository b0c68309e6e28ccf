// Codecs out of models on disk, by readCodec and by the command.
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../ts/formats/index.ts';
import { decode, encode, evaluate } from '../ts/index.ts';
import { createPool, readCodec, readCodes, readVectors, writeCodebook, writeCodes } from '../ts/node/index.ts';
import { randomCodebook } from '../ts/reference/index.ts';
import { CODECS, checkpoint, codecPath, fileOf, golden, tensorsOf } from './support/codecs.ts';
import { type Finished, rvq as runCommand } from './support/command.ts';
import { rejectionOf, temporaryFolder } from './support/files.ts';

/** A model in two files and an index. */
function shardedModel(name: 'mimi'): string {
  const folder = temporaryFolder();
  const all = Object.entries(tensorsOf(checkpoint(name)).tensors);
  const map: Record<string, string> = {};
  for (const [file, tensors] of [
    ['model-00001-of-00002.safetensors', all.slice(0, 90)],
    ['model-00002-of-00002.safetensors', all.slice(90)],
  ] as const) {
    writeFileSync(join(folder, file), fileOf(Object.fromEntries(tensors)));
    for (const [tensor] of tensors) map[tensor] = file;
  }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
  return folder;
}

describe('readCodec', () => {
  it.each(CODECS)('reads %s from its file and from its folder', async (name) => {
    const expected = loadCodec(checkpoint(name));
    expect(await readCodec(codecPath(name))).toEqual(expected);
    expect(await readCodec(dirname(codecPath(name)))).toEqual(expected);
  });

  it('reads a model in several files from its index and from its folder', async () => {
    const folder = shardedModel('mimi');
    const expected = loadCodec(checkpoint('mimi'));
    expect(await readCodec(join(folder, 'model.safetensors.index.json'))).toEqual(expected);
    expect(await readCodec(folder)).toEqual(expected);
  });

  it('reads a codebook of ours', async () => {
    const path = join(temporaryFolder(), 'book.safetensors');
    const book = randomCodebook({ dim: 3, stages: 2, codewords: 4, seed: 1 });
    await writeCodebook(path, book);
    expect(await readCodec(path)).toEqual(book);
  });

  it('reads no more of a model than its header and its quantizer', async () => {
    const path = join(temporaryFolder(), 'large.safetensors');
    const { tensors } = tensorsOf(checkpoint('dac'));
    const bytes = fileOf({ ...tensors, 'a.large.weight': { dtype: 'F32', shape: [2 ** 34], data: new Uint8Array(0) } });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const end = bytes.length - 8 - length;
    const header = Buffer.from(bytes.subarray(8, 8 + length))
      .toString()
      .replace(`"data_offsets":[${end},${end}]`, `"data_offsets":[${end},${end + 2 ** 36}]`);
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([head, Buffer.from(header), bytes.subarray(8 + length)]));
    truncateSync(path, 8 + header.length + end + 2 ** 36); // 64 GB, of which the disk holds none
    expect((await readCodec(path)).id).toBe(loadCodec(checkpoint('dac')).id);
  });

  it('says what it expects where there is no model, and which file is wrong', async () => {
    const folder = temporaryFolder();
    expect(await rejectionOf(readCodec(folder))).toMatchObject({
      code: 'FILE_ACCESS',
      message: `${folder}: cannot read: expected a folder with model.safetensors or model.safetensors.index.json, got none`,
    });
    const pickle = join(folder, 'pytorch_model.bin');
    writeFileSync(pickle, 'PK');
    expect(await rejectionOf(readCodec(pickle))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/a pickle of PyTorch has to be saved/),
    });
    expect(await rejectionOf(readCodec(join(folder, 'none.safetensors')))).toMatchObject({ code: 'FILE_ACCESS' });
    expect(await rejectionOf(readCodec(''))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const cut = join(folder, 'cut.safetensors');
    for (const length of [0, 7, 8, 100, 40_000]) {
      writeFileSync(cut, readFileSync(codecPath('dac')).subarray(0, length));
      expect(await rejectionOf(readCodec(cut))).toMatchObject({ code: 'BAD_FILE', subject: cut });
    }
    for (const name of ['a.safetensors', 'b.safetensors']) copyFileSync(codecPath('dac'), join(folder, name));
    expect((await rejectionOf(readCodec(folder))).message).toMatch(/got a\.safetensors, b\.safetensors, cut\.safetensors$/);
    copyFileSync(codecPath('dac'), join(folder, 'model.safetensors'));
    expect((await readCodec(folder)).dim).toBe(16);
  });

  it('names the shard that is missing', async () => {
    const folder = shardedModel('mimi');
    const index = join(folder, 'model.safetensors.index.json');
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    copyFileSync(index, join(elsewhere, 'model.safetensors.index.json'));
    expect(await rejectionOf(readCodec(elsewhere))).toMatchObject({
      code: 'FILE_ACCESS',
      subject: join(elsewhere, 'model-00001-of-00002.safetensors'),
    });
  });

  it('gives what the pool of Node takes, and codes that files keep', async () => {
    const codec = await readCodec(codecPath('mimi'));
    const { rows } = golden('mimi');
    const pool = createPool({ threads: 2 });
    const codes = await pool.encode(codec, rows, { beam: 3 });
    await pool.close();
    expect(codes).toEqual(encode(codec, rows, { beam: 3 }));
    const path = join(temporaryFolder(), 'codes.safetensors');
    await writeCodes(path, codes, codec, { packed: true });
    expect(await readCodes(path, codec)).toEqual(codes);
    await expect(readCodes(path, await readCodec(codecPath('dac')))).rejects.toThrow('made with codebook');
  });
});

async function rvq(args: readonly string[], cwd: string, code = 0): Promise<Finished> {
  const finished = await runCommand(args, { cwd });
  expect(finished.code, finished.stderr).toBe(code);
  return finished;
}

describe('rvq', () => {
  it.each(['encodec', 'dac', 'mimi', 'vqp_projected'] as const)('encodes, decodes and evaluates with the model of %s', async (name) => {
    const folder = temporaryFolder();
    const codec = loadCodec(checkpoint(name));
    const { rows, codes } = golden(name);
    const [model, x] = [codecPath(name), codecPath(name, 'x.npy')];
    await rvq(['encode', model, x, '-o', 'codes.safetensors', '--packed'], folder);
    expect(Array.from((await readCodes(join(folder, 'codes.safetensors'), codec)).data)).toEqual(codes);
    await rvq(['decode', dirname(model), 'codes.safetensors', '-o', 'y.npy', '--stages', '2', '--threads', '2'], folder);
    expect(await readVectors(join(folder, 'y.npy'))).toEqual(decode(codec, encode(codec, rows), { stages: 2 }));
    const { stdout } = await rvq(['eval', model, x, '--json'], folder);
    expect(JSON.parse(stdout)).toMatchObject(evaluate(codec, rows));
  });

  it('tells what a model is: which codec, stages, shapes, bits a row', async () => {
    const folder = temporaryFolder();
    const text = async (path: string) => (await rvq(['info', path], folder)).stdout.split('\n').slice(0, -1);
    const id = (name: 'dac') => `  id ${loadCodec(checkpoint(name)).id}`;
    expect(await text(codecPath('dac'))).toEqual([
      `${codecPath('dac')}: codec DAC, 3 stages x 32 codewords of dim 16, 15 bits a row`,
      '  group 1: 3 stages, each projected to dim 4, cosine metric',
      id('dac'),
    ]);
    const sharded = shardedModel('mimi');
    expect((await text(sharded)).slice(0, 3)).toEqual([
      `${sharded}: codec Mimi, 4 stages x 32 codewords of dim 32, 20 bits a row`,
      '  group 1: 1 stage, projected to dim 8, euclidean metric',
      '  group 2: 3 stages, projected to dim 8, euclidean metric',
    ]);
    const layouts = await Promise.all(
      CODECS.map(async (name) => JSON.parse((await rvq(['info', codecPath(name), '--json'], folder)).stdout) as { kind: string; layout: string }),
    );
    expect(layouts.map(({ kind, layout }) => `${kind} ${layout}`)).toEqual([
      'codec EnCodec',
      'codec DAC',
      'codec Mimi',
      'codec EnCodec',
      ...Array(2).fill('codec original EnCodec'),
      ...Array(2).fill('codec DAC'),
      'codec original Mimi',
      ...Array(5).fill('codec vector-quantize-pytorch'),
    ]);
    const { stdout } = await rvq(['info', codecPath('vqp_cosine_projected'), '--json'], folder);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'safetensors', dim: 12, stages: 3, codewords: [16, 16, 16], bitsPerRow: 12 });
    expect(JSON.parse(stdout).groups).toEqual([[{ stages: 3, dim: 6, metric: 'cosine', projected: true, codewords: [16, 16, 16] }]]);
  });

  it('refuses what is no codec, what is not for codecs, and what does not fit', async () => {
    const folder = temporaryFolder();
    const fsq = fileOf({ 'quantizer.project_in.weight': { dtype: 'F32', shape: [1, 1], data: new Uint8Array(4) } });
    writeFileSync(join(folder, 'fsq.safetensors'), fsq);
    const failed = await rvq(['encode', 'fsq.safetensors', codecPath('dac', 'x.npy'), '-o', 'c.npy'], folder, 2);
    expect(failed.stderr).toMatch(
      /^rvq: fsq\.safetensors: tensor "quantizer\.project_in\.weight": a quantizer without codewords, such as FSQ or LFQ, is no/,
    );
    const beam = await rvq(['encode', codecPath('dac'), codecPath('dac', 'x.npy'), '-o', 'c.npy', '--beam', '3'], folder, 2);
    expect(beam.stderr).toMatch(/^rvq: --beam: expected 1, as this codec projects rows at every stage or compares by the cosine, got 3/);
    const dim = await rvq(['eval', codecPath('dac'), codecPath('mimi', 'x.npy')], folder, 3);
    expect(dim.stderr).toMatch(/expected rows of dim 16, as the codebook has, got dim 32/);
  });

  it('takes the prefix of one of several quantizers', async () => {
    const folder = temporaryFolder();
    const { tensors } = tensorsOf(checkpoint('vqp'));
    const two = Object.fromEntries(Object.entries(tensors).flatMap(([name, tensor]) => ['a.', 'b.'].map((prefix) => [prefix + name, tensor])));
    writeFileSync(join(folder, 'two.safetensors'), fileOf(two));
    const x = codecPath('vqp', 'x.npy');
    expect((await rvq(['encode', 'two.safetensors', x, '-o', 'c.npy'], folder, 3)).stderr).toMatch(
      /expected one residual quantizer, or the option prefix/,
    );
    await rvq(['encode', 'two.safetensors', x, '-o', 'c.safetensors', '--prefix', 'b.'], folder);
    await rvq(['decode', 'two.safetensors', 'c.safetensors', '-o', 'y.npy', '--prefix', 'a.'], folder);
    expect((await readVectors(join(folder, 'y.npy'))).rows).toBe(40);
  });
});
