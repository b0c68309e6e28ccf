// Checkpoints of codecs: which are known by the names of their tensors, which are refused, and how what is wrong with them is told.
import { describe, expect, it } from 'vitest';
import { loadCodec, readCodes, writeCodebook, writeCodes } from '../ts/formats/index.ts';
import { codebook, encode } from '../ts/index.ts';
import { isCodebook } from '../ts/model/codec.ts';
import {
  CODECS,
  checkpoint,
  fileOf,
  floats,
  golden,
  narrowed,
  quantizerOf,
  type RawTensor,
  renamed,
  type Tensors,
  tensorsOf,
  widened,
} from './support/codecs.ts';
import { errorOf, rejectionOf } from './support/files.ts';

const refusal = (tensors: Tensors) => errorOf(() => loadCodec(fileOf(tensors), { name: 'm.safetensors' }));

describe('loadCodec', () => {
  it.each(CODECS)('finds the quantizer of %s under any prefix, in any order, among other tensors', (name) => {
    const { tensors, metadata } = tensorsOf(checkpoint(name));
    const { id } = loadCodec(checkpoint(name));
    const below = (prefix: string, from: Tensors) => renamed(from, (tensor) => prefix + tensor);
    const aliases = Object.fromEntries(Object.entries(metadata).map(([alias, kept]) => [`net.module.${alias}`, `net.module.${kept}`]));
    const others = { 'layers.0.weight': floats([3, 2], [1, 2, 3, 4, 5, 6]), step: { dtype: 'I64', shape: [], data: new Uint8Array(8) } };
    const shuffled = Object.fromEntries(Object.entries(below('net.module.', tensors)).reverse());
    expect(loadCodec(fileOf({ ...others, ...shuffled }, { ...aliases, format: 'pt' })).id).toBe(id);
    const two = { ...below('ema.', tensors), ...below('net.', tensors) };
    const both = Object.fromEntries(['ema.', 'net.'].flatMap((prefix) => Object.entries(metadata).map(([a, k]) => [prefix + a, prefix + k])));
    expect(loadCodec(fileOf(two, both), { prefix: 'net.' }).id).toBe(id);
    expect(errorOf(() => loadCodec(fileOf(two, both))).message).toMatch(
      /^model\.safetensors: tensors: expected one residual quantizer, or the option prefix that says which, got [24]: "ema\./,
    );
    expect(errorOf(() => loadCodec(fileOf(two, both), { prefix: 'nets.' })).message).toMatch(/tensors "nets\.\*": expected .*, got none$/);
  });

  it.each(['F16', 'BF16'] as const)('reads %s tensors as the float32 that they stand for', (dtype) => {
    for (const name of CODECS) {
      const halves = Object.fromEntries(Object.entries(quantizerOf(name)).map(([tensor, value]) => [tensor, narrowed(value, dtype)]));
      const wide = Object.fromEntries(Object.entries(halves).map(([tensor, value]) => [tensor, widened(value)]));
      const { metadata } = tensorsOf(checkpoint(name));
      const codec = loadCodec(fileOf(halves, metadata));
      expect(codec.id).toBe(loadCodec(fileOf(wide, metadata)).id);
      expect(codec.codewords).toEqual(loadCodec(checkpoint(name)).codewords);
    }
  });

  it('gives a Codebook where there is nothing but codewords', () => {
    const values = Array.from({ length: 30 }, (_, i) => Math.fround(Math.sin(i)));
    const book = codebook(Float32Array.from(values), { dim: 3, codewords: [6, 4] });
    const stages = (scope: string, tail: string, shape: (codewords: number) => number[]) => ({
      [`${scope}0.${tail}`]: floats(shape(6), values.slice(0, 18)),
      [`${scope}1.${tail}`]: floats(shape(4), values.slice(18)),
    });
    for (const tensors of [
      stages('quantizer.layers.', 'codebook.embed', (codewords) => [codewords, 3]),
      stages('quantizer.quantizers.', 'codebook.embed', (codewords) => [codewords, 3]),
      stages('quantizer.vq.layers.', '_codebook.embed', (codewords) => [codewords, 3]),
      stages('layers.', '_codebook.embed', (codewords) => [1, codewords, 3]),
    ]) {
      expect(loadCodec(fileOf(tensors))).toEqual(book);
    }
    const one = {
      'quantizer.layers.0.codebook.embed_sum': floats([6, 3], values),
      'quantizer.layers.0.codebook.cluster_usage': floats([6], () => 1),
    };
    expect(loadCodec(fileOf(one))).toEqual(codebook(Float32Array.from(values.slice(0, 18)), { dim: 3, codewords: [6] }));
    expect(loadCodec(writeCodebook(book))).toEqual(book);
  });

  it('takes stages by number, not by name: stage 10 is the last of eleven', () => {
    const stage = (m: number) => [`quantizer.layers.${m}.codebook.embed`, floats([2, 1], [m, m + 100])] as const;
    const tensors = Object.fromEntries([...Array(11).keys()].map(stage).sort());
    expect(Array.from((loadCodec(fileOf(tensors)) as { data: Float32Array }).data.slice(-4))).toEqual([9, 109, 10, 110]);
  });

  it("takes vector-quantize-pytorch's codewords of norm 1 for those of its cosine similarity", () => {
    const unit = quantizerOf('vqp_cosine');
    expect(isCodebook(loadCodec(fileOf(unit)))).toBe(false);
    const longer = { ...unit, 'layers.1._codebook.embed': scaled(unit['layers.1._codebook.embed'], 1.1) };
    expect(isCodebook(loadCodec(fileOf(longer)))).toBe(true);
    const first = renamed(longer, (name) => (name.endsWith('embed_avg') ? undefined : name)); // as its first versions
    expect(isCodebook(loadCodec(fileOf(first)))).toBe(false);
    const alone = renamed(longer, (name) => (name.endsWith('.embed') ? name : undefined));
    expect(isCodebook(loadCodec(fileOf(alone)))).toBe(true);
  });

  it('writes and reads codes of codecs', () => {
    const codec = loadCodec(checkpoint('mimi'));
    const codes = encode(codec, golden('mimi').rows);
    expect(readCodes(writeCodes(codes, codec, { packed: true }), codec)).toEqual(codes);
    expect(readCodes(writeCodes(codes, codec, { name: 'x.npy' }), codec, { name: 'x.npy' })).toEqual(codes);
    expect(() => readCodes(writeCodes(codes, codec), loadCodec(checkpoint('dac')))).toThrow('made with codebook');
  });

  it('checks its arguments', () => {
    expect(errorOf(() => loadCodec('model' as unknown as Uint8Array)).message).toBe('bytes: expected a Uint8Array, got "model"');
    expect(errorOf(() => loadCodec(new Uint8Array(8), { prefix: 7 as unknown as string })).message).toMatch(/^loadCodec option prefix: expected/);
    expect(errorOf(() => loadCodec(new Uint8Array(8), { names: 'x' } as object)).code).toBe('UNKNOWN_OPTION');
  });
});

function scaled({ dtype, shape, data }: RawTensor, factor: number): RawTensor {
  const values = new Float32Array(data.slice().buffer);
  return { ...floats(shape, (i) => values[i] * factor), dtype };
}

const linear = (scope: string, [to, from]: [number, number]) => ({
  [`${scope}.weight`]: floats([to, from], () => 0.5),
  [`${scope}.bias`]: floats([to], () => 0.5),
});
const projections = { ...linear('project_in', [3, 8]), ...linear('project_out', [8, 3]) };
const below = (prefix: string, tensors: Tensors) => renamed(tensors, (name) => prefix + name);

describe('what is no residual vector quantizer', () => {
  const embed = floats([4, 3], () => 1);
  it.each<[string, Tensors, RegExp]>([
    [
      'FSQ with its levels',
      { 'quantizer._levels': floats([3], [5, 5, 3]), ...below('quantizer.', projections) },
      /finite scalar quantization \(FSQ\)/,
    ],
    ['FSQ by its module', below('model.fsq.', projections), /finite scalar quantization \(FSQ\)/],
    ['FSQ that keeps no buffers', below('codec.quantizer.', projections), /a quantizer without codewords, such as FSQ or LFQ,/],
    ['FSQ alone', projections, /a quantizer without codewords, such as FSQ or LFQ,/],
    ['residual FSQ', { ...projections, 'layers.0.implicit_codebook': embed }, /finite scalar quantization \(FSQ\)/],
    ['LFQ', { mask: { dtype: 'I64', shape: [1], data: new Uint8Array(8) }, ...projections }, /lookup-free quantization \(LFQ\)/],
    ['residual LFQ', { 'layers.0.mask': embed, ...projections }, /lookup-free quantization \(LFQ\)/],
    ['SimVQ', { 'layers.0.frozen_codebook': embed, 'layers.0.code_transform.weight': embed }, /SimVQ, whose codewords/],
    ['random projections', { rand_projs: embed, 'vq._codebook.embed': floats([1, 4, 3], () => 1) }, /a random-projection quantizer/],
    ['product quantization', { 'quantizer.codevectors': embed }, /a product quantizer/],
    ['one codebook of vector-quantize-pytorch', { 'vq._codebook.embed': floats([1, 4, 3], () => 1) }, /a vector quantizer of one codebook/],
    ['the VQ of a VQGAN', { 'quantize.embedding.weight': embed }, /a vector quantizer of one codebook/],
  ])('is refused by name: %s', (_, tensors, what) => {
    const { code, message } = refusal({ 'encoder.weight': embed, ...tensors });
    expect(code).toBe('UNSUPPORTED');
    expect(message).toMatch(what);
    expect(message).toMatch(/^m\.safetensors: tensor ".+": .+ is no residual vector quantizer$/);
  });

  it('is told what was expected, where it is none at all', () => {
    expect(refusal({ 'a.weight': embed, 'b.weight': embed })).toEqual({
      code: 'BAD_FILE',
      message: expect.stringMatching(
        /^m\.safetensors: tensors: expected the residual quantizer of EnCodec.*, got others, such as "a\.weight", "b\.weight"$/,
      ),
    });
    expect(refusal({}).message).toMatch(/, got none$/);
  });

  it.each<[string, string, Tensors]>([
    ['affine_param', 'vqp', { 'layers.1._codebook.codebook_mean': floats([1, 1, 12], () => 0) }],
    ['implicit_neural_codebook (QINCo)', 'vqp', { 'mlps.0.proj_in.weight': embed }],
    ['vq_bridge', 'vqp', { 'layers.0._codebook.vq_bridge.0.weight': embed }],
    ['layernorm_after_project_in', 'vqp', { 'project_in.1.weight': embed }],
  ])('or has the option %s, is refused by it', (option, name, extra) => {
    expect(refusal({ ...quantizerOf(name as 'vqp'), ...extra })).toEqual({
      code: 'UNSUPPORTED',
      message: `m.safetensors: tensor "${Object.keys(extra)[0]}": the option ${option} of vector-quantize-pytorch is not supported`,
    });
  });

  it('or has what its layout does not have, or groups that share the dim, is refused', () => {
    expect(refusal({ ...quantizerOf('dac'), 'quantizer.quantizers.1.gate.weight': embed })).toEqual({
      code: 'UNSUPPORTED',
      message: 'm.safetensors: tensor "quantizer.quantizers.1.gate.weight": what it does to codes is not known',
    });
    expect(refusal({ ...quantizerOf('encodec'), ...below('quantizer.', projections) }).code).toBe('UNSUPPORTED');
    const grouped = { ...below('rvqs.0.', quantizerOf('vqp')), ...below('rvqs.1.', quantizerOf('vqp')) };
    expect(refusal(grouped)).toEqual({ code: 'UNSUPPORTED', message: expect.stringContaining('a grouped residual quantizer') });
  });
});

describe('a checkpoint in which something does not fit', () => {
  const dac = quantizerOf('dac');
  const mimi = quantizerOf('mimi');
  const vqp = quantizerOf('vqp_projected');
  const stage = 'quantizer.quantizers.1';
  const without = (tensors: Tensors, name: string) => renamed(tensors, (other) => (other.startsWith(name) ? undefined : other));
  const nan = (tensors: Tensors, name: string, at: number) => {
    const values = new Float32Array(tensors[name].data.slice().buffer);
    values[at] = Number.NaN;
    return { ...tensors, [name]: floats(tensors[name].shape, values) };
  };

  it.each<[string, Tensors, string | RegExp]>([
    [
      'a stage in the middle',
      without(dac, stage),
      'tensor "quantizer.quantizers.1.codebook.weight": expected the codewords of stage 1 of 3, got no such tensor',
    ],
    [
      'codewords alone',
      without(dac, `${stage}.codebook`),
      'tensor "quantizer.quantizers.1.codebook.weight": expected the codewords of stage 1 of 3, got no such tensor',
    ],
    [
      'a projection',
      without(dac, `${stage}.in_proj`),
      /tensor "quantizer\.quantizers\.1\.in_proj\.weight": expected the weight of a projection, got no/,
    ],
    ['the way back', without(vqp, 'model.rvq.project_out'), /tensor "model\.rvq\.project_out\.weight": expected the weight of a projection, got no/],
    ['the way in', without(vqp, 'model.rvq.project_in'), /tensor "model\.rvq\.project_in\.weight": expected the weight of a projection, got no/],
    [
      'a group',
      without(mimi, 'quantizer.acoustic'),
      'tensors "quantizer.acoustic_residual_vector_quantizer.*": expected the stages that code the same rows, got none',
    ],
    [
      'the usage of codewords',
      without(mimi, 'quantizer.semantic_residual_vector_quantizer.layers.0.codebook.cluster_usage'),
      /cluster_usage": expected the usage of codewords, got no such tensor/,
    ],
    [
      'half of a weight norm',
      without(quantizerOf('original_dac'), 'generator.quantizer.quantizers.2.in_proj.weight_g'),
      /in_proj\.weight_g": expected the lengths of weight norm, got no such tensor/,
    ],
  ])('is refused by its name: %s is missing', (_, tensors, message) => {
    const error = refusal(tensors);
    expect(error.code).toBe('BAD_FILE');
    if (typeof message === 'string') expect(error.message).toBe(`m.safetensors: ${message}`);
    else expect(error.message).toMatch(message);
  });

  it.each<[string, Tensors, RegExp]>([
    [
      'codewords of three dimensions',
      { [`${stage}.codebook.weight`]: floats([2, 32, 4], () => 1) },
      /expected shape \[codewords, dim\] or.*got shape \[2, 32, 4\]/,
    ],
    ['no codewords', { [`${stage}.codebook.weight`]: floats([0, 4], []) }, /1 to 65,536 codewords of dim 1 to 4,096, got shape \[0, 4\]/],
    [
      'codewords of another dim',
      { [`${stage}.codebook.weight`]: floats([32, 5], () => 1) },
      /tensors ".*in_proj\.\*": expected a projection from 16 to 5/,
    ],
    [
      'an input from another dim',
      { [`${stage}.in_proj.weight`]: floats([4, 15, 1], () => 1) },
      /out_proj\.\*": expected a projection from 4 to 15 values/,
    ],
    [
      'a convolution of three taps',
      { [`${stage}.in_proj.weight`]: floats([4, 16, 3], () => 1) },
      /in_proj\.weight": expected shape \[to, from\] or .* \[4, 16, 3\]/,
    ],
    [
      'a bias of another length',
      { [`${stage}.out_proj.bias`]: floats([4], () => 1) },
      /out_proj\.bias": expected 16 values, as the weight has rows, got shape \[4\]/,
    ],
    [
      'integers',
      { [`${stage}.codebook.weight`]: { dtype: 'I32', shape: [32, 4], data: new Uint8Array(512) } },
      /expected dtype F32, F16 or BF16, got I32/,
    ],
    [
      'a stage of another dim',
      {
        [`${stage}.in_proj.weight`]: floats([4, 15, 1], () => 1),
        [`${stage}.out_proj.weight`]: floats([15, 4, 1], () => 1),
        [`${stage}.out_proj.bias`]: floats([15], () => 1),
      },
      /tensors "quantizer\.quantizers\.1\.\*": expected rows of dim 16, as stage 0 has, got dim 15/,
    ],
  ])('is refused by its name: %s', (_, change, message) => {
    const error = refusal({ ...dac, ...change });
    expect(error.code).toBe('BAD_FILE');
    expect(error.message).toMatch(message);
  });

  it('is refused by its name: stages of a list or groups of a codec that differ in dim', () => {
    const encodec = { ...quantizerOf('encodec'), 'quantizer.layers.3.codebook.embed': floats([32, 15], () => 1) };
    expect(refusal(encodec).message).toMatch(
      /tensor "quantizer\.layers\.3\.codebook\.embed": expected dim 16, as "quantizer\.layers\.0.*, got shape \[32, 15\]/,
    );
    const semantic = 'quantizer.semantic_residual_vector_quantizer.';
    const wider = {
      ...mimi,
      [`${semantic}input_proj.weight`]: floats([8, 33, 1], () => 1),
      [`${semantic}output_proj.weight`]: floats([33, 8, 1], () => 1),
    };
    expect(refusal(wider).message).toMatch(
      /tensors "quantizer\.acoustic.*\*": expected rows of dim 33, as those of "quantizer\.semantic.*\*", got dim 32/,
    );
    const usage = { ...mimi, [`${semantic}layers.0.codebook.cluster_usage`]: floats([31], () => 1) };
    expect(refusal(usage).message).toMatch(/cluster_usage": expected shape \[32\], as many as .* has codewords, got shape \[31\]/);
  });

  it.each([
    [dac, `${stage}.codebook.weight`],
    [dac, `${stage}.in_proj.weight`],
    [dac, `${stage}.out_proj.bias`],
    [mimi, 'quantizer.semantic_residual_vector_quantizer.layers.0.codebook.cluster_usage'],
    [quantizerOf('original_dac'), 'generator.quantizer.quantizers.0.in_proj.weight_v'],
  ])('is refused by tensor, element and byte where a value is no number', (tensors, name) => {
    const file = fileOf(nan(tensors, name, 3));
    const { message } = errorOf(() => loadCodec(file, { name: 'm.safetensors' }));
    const [, byte] =
      /^m\.safetensors: tensor "(?:.+)": expected finite values, got NaN at element 3 of shape \[[\d, ]+\], byte ([\d,]+)$/.exec(message) ?? [];
    expect(message).toContain(`tensor "${name}"`);
    expect(new DataView(file.buffer).getFloat32(Number(byte.replaceAll(',', '')), true)).toBeNaN();
  });

  it('is refused where a mean overflows, or a row of weight norm is zero', () => {
    const semantic = 'quantizer.semantic_residual_vector_quantizer.layers.0.codebook.';
    const huge = { ...mimi, [`${semantic}embed_sum`]: floats([32, 8], () => 3e38), [`${semantic}cluster_usage`]: floats([32], () => 0) };
    expect(refusal(huge).message).toMatch(/embed_sum": expected sums whose means are finite, got 3\S* at element 0/);
    const name = 'generator.quantizer.quantizers.0.in_proj.weight_v';
    const zero = { ...quantizerOf('original_dac'), [name]: floats([4, 12, 1], (i) => (i < 12 ? 0 : 1)) };
    expect(refusal(zero).message).toMatch(/weight_v": expected rows that are not zero, as weight norm divides by their norms, got row 0 of zeros/);
  });
});

describe('a checkpoint in several files', () => {
  const { tensors } = tensorsOf(checkpoint('mimi'));
  const files = new Map<string, Tensors>([1, 2, 3, 4].map((n) => [`model-0000${n}-of-00004.safetensors`, {}]));
  const names = [...files.keys()];
  Object.entries(tensors).forEach(([name, tensor], i) => {
    const shard = name.startsWith('quantizer') ? names[i % 3] : name.startsWith('decoder') ? names[3] : names[0];
    Object.assign(files.get(shard) ?? {}, { [name]: tensor });
  });
  const weightMap = Object.fromEntries([...files].flatMap(([file, held]) => Object.keys(held).map((name) => [name, file])));
  const indexOf = (map: unknown) => new TextEncoder().encode(JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
  const bytesOf = (file: string) => fileOf(files.get(file) ?? {});
  const failure = (index: Uint8Array, shards: (name: string) => Uint8Array | Promise<Uint8Array>) => rejectionOf(loadCodec({ index, shards }));

  it('is read from those that hold the quantizer, each once', async () => {
    const asked: string[] = [];
    const shards = async (name: string) => {
      asked.push(name);
      return bytesOf(name);
    };
    const codec = await loadCodec({ index: indexOf(weightMap), shards });
    expect(codec).toEqual(loadCodec(checkpoint('mimi')));
    expect(asked.sort()).toEqual(names.slice(0, 3));
    expect(await loadCodec({ index: indexOf(weightMap), shards: bytesOf }, { prefix: 'quantizer.' })).toEqual(codec);
  });

  it('is refused where index and files disagree, or the index is none', async () => {
    const moved = { ...weightMap, 'quantizer.acoustic_residual_vector_quantizer.input_proj.weight': names[3] };
    expect((await failure(indexOf(moved), bytesOf)).message).toBe(
      `${names[3]}: header: expected tensor "quantizer.acoustic_residual_vector_quantizer.input_proj.weight", as model.safetensors.index.json says, got no such tensor`,
    );
    expect((await failure(indexOf({ ...weightMap, x: '../secret.safetensors' }), bytesOf)).message).toMatch(
      /^model\.safetensors\.index\.json: "weight_map" "x": expected the name of a \.safetensors file in the same folder, got "\.\.\/secret/,
    );
    expect((await failure(indexOf({ x: 7 }), bytesOf)).message).toMatch(/"weight_map" "x": expected the name of a file, got 7/);
    expect((await failure(indexOf([]), bytesOf)).message).toMatch(
      /"weight_map": expected an object that says in which file each tensor is, got an array/,
    );
    expect((await failure(Uint8Array.of(1, 2), bytesOf)).message).toMatch(
      /byte 0: expected a JSON object with "weight_map", got 2 bytes of something else/,
    );
    expect((await failure(indexOf(weightMap), () => undefined as unknown as Uint8Array)).message).toMatch(
      /^shards\("model-0000\d-of-00004\.safetensors"\): expected a Uint8Array, got undefined/,
    );
    expect((await failure(indexOf(weightMap), (name) => bytesOf(name).subarray(0, 100))).message).toMatch(
      /^model-0000\d-of-00004\.safetensors: byte 8: expected/,
    );
    const missing = new Error('404');
    await expect(
      loadCodec({
        index: indexOf(weightMap),
        shards: () => {
          throw missing;
        },
      }),
    ).rejects.toBe(missing);
  });
});

describe('large things', () => {
  it('are refused before time or memory is spent on them: names without end, stages by the thousand', () => {
    const long = `${'vq.'.repeat(100_000)}x`;
    const started = performance.now();
    expect(refusal({ [long]: floats([1], [1]) }).code).toBe('BAD_FILE');
    expect(performance.now() - started).toBeLessThan(30_000); // milliseconds; in the square of the length it would be hours
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`layers.${i}.codebook.embed`, floats([0], [])]));
    expect(refusal(many).message).toMatch(/expected at most 1,000 stages, got 200,000/);
    const far = { 'layers.0.codebook.embed': floats([1, 1], [1]), 'layers.999999999.codebook.embed': floats([1, 1], [1]) };
    expect(refusal(far).message).toMatch(/tensors "layers\.\*": expected at most 1,000 stages, got 1,000,000,000/);
  });
});
