// Codecs: the codes that their own programs give, from every engine.
import { afterAll, describe, expect, it } from 'vitest';
import { project } from '../ts/codec/arithmetic.ts';
import { coreDecoder } from '../ts/decode.ts';
import { loadCodec } from '../ts/formats/index.ts';
import * as wasm from '../ts/index.ts';
import { isCodebook, type ProjectedCodec, projectedCodec } from '../ts/model/codec.ts';
import { createPoolOn } from '../ts/pool/pool.ts';
import * as reference from '../ts/reference/index.ts';
import { CODECS, type CodecName, checkpoint, golden } from './support/codecs.ts';
import { errorOf, rejectionOf } from './support/files.ts';
import { openPool, sharedRows, threads } from './support/pool.ts';
import { normalRows, rowOf, slowDistance } from './support/rows.ts';

const load = (name: CodecName) => loadCodec(checkpoint(name));

/** The codecs that are more than codewords. */
const PROJECTED = CODECS.filter((name) => !isCodebook(load(name)));

const pools = [1, 2].map((count) => createPoolOn(threads, { threads: count }, { cores: 2 }));
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

describe.each(CODECS)('%s', (name) => {
  const { rows, codes, decoded } = golden(name);
  const codec = load(name);

  it.each([wasm, reference])('gives the codes and the rows of its own program', ({ encode, decode }) => {
    const ours = encode(codec, rows);
    expect(Array.from(ours.data)).toEqual(codes);
    expect(ours).toMatchObject({ rows: rows.rows, stages: codec.codewords.length, codebookId: codec.id });
    const rebuilt = decode(codec, ours);
    expect(rebuilt).toMatchObject({ rows: rows.rows, dim: rows.dim });
    rebuilt.data.forEach((value, i) => {
      expect(Math.abs(value - decoded[i])).toBeLessThan(1e-5);
    });
  });

  it('decodes and evaluates alike in WebAssembly and in the reference, to the last bit', () => {
    const ours = wasm.encode(codec, rows);
    for (let stages = 1; stages <= codec.codewords.length; stages++) {
      expect(wasm.decode(codec, ours, { stages })).toEqual(reference.decode(codec, ours, { stages }));
    }
    expect(wasm.evaluate(codec, rows)).toEqual(reference.evaluate(codec, rows));
  });

  it('evaluates what decoding leaves of the rows after each stage', () => {
    const ours = wasm.encode(codec, rows);
    const { msePerStage, mse, bitsPerRow } = wasm.evaluate(codec, rows);
    expect(mse).toBe(msePerStage[codec.codewords.length - 1]);
    expect(bitsPerRow).toBe(codec.codewords.reduce((bits, size) => bits + Math.ceil(Math.log2(size)), 0));
    msePerStage.forEach((error, stage) => {
      const rebuilt = wasm.decode(codec, ours, { stages: stage + 1 });
      const errors = Array.from({ length: rows.rows }, (_, i) => slowDistance(rowOf(rows, i), rowOf(rebuilt, i)));
      expect(error).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / rows.rows, 4);
    });
  });

  it('gives the same on any number of threads', async () => {
    const many = repeated(rows, 700);
    const expected = wasm.encode(codec, many);
    for (const pool of pools) {
      const ours = await pool.encode(codec, pool.threads === 1 ? many : sharedRows(many));
      expect(ours).toEqual(expected);
      expect(await pool.decode(codec, ours, { stages: 2 })).toEqual(wasm.decode(codec, ours, { stages: 2 }));
      expect(await pool.evaluate(codec, many)).toEqual(wasm.evaluate(codec, many));
    }
  });

  it.each([wasm, reference])('gives the same in a stream of blocks, however they are cut', async ({ encodeStream, decodeStream, evaluateStream }) => {
    const many = repeated(rows, 300);
    const blocks = [0, 1, 90, 300].flatMap((start, i, cuts) =>
      i === 3 ? [] : [wasm.matrix(many.data.slice(start * rows.dim, cuts[i + 1] * rows.dim), rows.dim)],
    );
    const codes = await collect(encodeStream(codec, blocks));
    const whole = wasm.encode(codec, many);
    expect(codes.flatMap(({ data }) => Array.from(data))).toEqual(Array.from(whole.data));
    const rebuilt = await collect(decodeStream(codec, codes));
    expect(rebuilt.flatMap(({ data }) => Array.from(data))).toEqual(Array.from(wasm.decode(codec, whole).data));
    expect(await evaluateStream(codec, blocks)).toEqual(wasm.evaluate(codec, many));
  });

  it('packs codes and unpacks them', () => {
    const ours = wasm.encode(codec, rows);
    expect(wasm.unpack(wasm.pack(ours, codec), codec, rows.rows)).toEqual(ours);
  });

  it('can be posted to a worker and used there', () => {
    const clone = structuredClone(codec);
    expect(clone).toEqual(codec);
    expect(wasm.encode(clone, rows)).toEqual(wasm.encode(codec, rows));
  });
});

describe('projections', () => {
  const bits = (values: Float32Array) => Array.from(new Uint32Array(values.slice().buffer));

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 129])('from %i values are the same in WebAssembly as in plain loops, to the last bit', (from) => {
    for (const [to, count] of [
      [1, 1],
      [3, 4],
      [8, 5],
      [5, 66],
    ]) {
      for (const scale of [1, 1e-38, 1e30]) {
        const rows = normalRows({ rows: count, dim: from, seed: to }).data.map((value) => value * scale);
        const weight = normalRows({ rows: to, dim: from, seed: from }).data;
        for (const bias of [undefined, normalRows({ rows: 1, dim: to, seed: 3 }).data]) {
          const expected = project({ from, to, weight, bias }, rows);
          expect(bits(coreDecoder.project({ from, to, weight, bias }, rows))).toEqual(bits(expected));
          const [row, i] = [count - 1, to - 1];
          const slow = weight.subarray(i * from).map((value, j) => value * rows[row * from + j]);
          expect(expected[row * to + i] / scale).toBeCloseTo((slow.reduce((a, b) => a + b, 0) + (bias?.[i] ?? 0)) / scale, 4);
        }
      }
    }
  });
});

describe('codecs with projections', () => {
  it('are what their checkpoints say', () => {
    expect(CODECS.filter((name) => !PROJECTED.includes(name))).toEqual(['encodec', 'original_encodec', 'vqp', 'vqp_shared']);
    expect(shape('dac')).toEqual([Array(3).fill('16 > 4 cosine 32 > 16')]);
    expect(shape('original_dac')).toEqual([['12 > 4 cosine 24 > 12', '12 > 5 cosine 24 > 12', '12 > 4 cosine 24 > 12']]);
    expect(shape('mimi')).toEqual([['32 > 8 euclidean 32 > 32'], ['32 > 8 euclidean 32,32,32 > 32']]);
    expect(shape('original_encodec_projected')).toEqual([Array(4).fill('12 > 5 euclidean 24 > 12')]);
    expect(shape('vqp_cosine')).toEqual([Array(3).fill('cosine 16')]);
    expect(shape('vqp_cosine_projected')).toEqual([['12 > 6 euclidean (cosine 16; cosine 16; cosine 16) > 12']]);
  });

  it('have other ids with other weights, and the same with the same', () => {
    const codec = load('dac') as ProjectedCodec;
    const { id, dim, groups } = codec;
    expect(load('dac').id).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(projectedCodec(dim, groups).id).toBe(id);
    const [[first, ...others]] = groups;
    const nudged = first.output && { ...first.output, weight: first.output.weight.map((value, i) => (i === 7 ? -value : value)) };
    const changed = [
      [[{ ...first, output: nudged }, ...others]],
      [[{ ...first, metric: 'euclidean' as const }, ...others]],
      [[{ ...first, input: first.input && { ...first.input, bias: undefined } }, ...others]],
      [[...others, first]],
      [[first], others],
    ];
    expect(new Set([id, ...changed.map((parts) => projectedCodec(dim, parts).id)]).size).toBe(changed.length + 1);
  });

  it('code every group from the row itself: a prefix decodes what its stages give', () => {
    const codec = load('mimi') as ProjectedCodec;
    const { rows } = golden('mimi');
    const codes = wasm.encode(codec, rows);
    const semantic = projectedCodec(codec.dim, codec.groups.slice(0, 1));
    const acoustic = projectedCodec(codec.dim, codec.groups.slice(1));
    const firstCodes = wasm.encode(semantic, rows);
    const lastCodes = wasm.encode(acoustic, rows);
    expect(Array.from(codes.data)).toEqual(Array.from(firstCodes.data).flatMap((code, i) => [code, ...lastCodes.data.subarray(3 * i, 3 * i + 3)]));
    expect(wasm.decode(codec, codes, { stages: 1 })).toEqual(wasm.decode(semantic, firstCodes));
    const [both, first, last] = [wasm.decode(codec, codes), wasm.decode(semantic, firstCodes), wasm.decode(acoustic, lastCodes)];
    expect(both.data).toEqual(first.data.map((value, i) => value + last.data[i]));
  });

  it.each(PROJECTED)('%s: take a beam where each group is one Euclidean codebook, and refuse it elsewhere', (name) => {
    const codec = load(name);
    const { rows } = golden(name);
    if (['mimi', 'original_mimi', 'vqp_projected'].includes(name)) {
      const beam = wasm.encode(codec, rows, { beam: 5 });
      expect(beam).toEqual(reference.encode(codec, rows, { beam: 5 }));
      expect(beam.data).not.toEqual(wasm.encode(codec, rows).data);
      expect(() => wasm.encode(codec, rows, { beam: 64 })).toThrow(/option beam: expected at most \d+, the codewords of the first stage, got 64/);
    } else {
      for (const verb of [wasm.encode, reference.encode, wasm.evaluate, reference.evaluate]) {
        expect(errorOf(() => verb(codec, rows, { beam: 5 }))).toEqual({
          code: 'UNSUPPORTED',
          message: expect.stringMatching(/^(encode|evaluate) option beam: expected 1, as this codec projects rows at every stage .*, got 5$/),
        });
      }
    }
  });

  it('take rows of no other dim, and name rows that are not finite or overflow', async () => {
    const codec = load('dac');
    expect(errorOf(() => wasm.encode(codec, normalRows({ rows: 2, dim: 4 }))).message).toBe(
      'vectors: expected rows of dim 16, as the codebook has, got dim 4',
    );
    const pool = openPool(threads, { threads: 2 });
    for (const [value, message] of [
      [Number.NaN, 'vectors: row 300, element 3: expected a finite float32, got NaN'],
      [3e38, 'vectors: row 300: its values are too large: what stage 0 compares overflows float32'],
    ] as const) {
      const rows = normalRows({ rows: 400, dim: 16 });
      rows.data.fill(1, 4800, 4816);
      for (let j = 0; j < (Number.isNaN(value) ? 1 : 13); j++) rows.data[4803 + j] = value;
      const error = { code: 'NOT_FINITE', message };
      const large = scaled(codec as ProjectedCodec, 1e3);
      expect(errorOf(() => wasm.encode(large, rows))).toEqual(error);
      expect(errorOf(() => reference.evaluate(large, rows))).toEqual(error);
      expect(await rejectionOf(pool.encode(large, rows))).toMatchObject(error);
    }
  });

  it('are refused by name where a Codebook is needed', async () => {
    const codec = load('mimi') as unknown as wasm.Codebook;
    const row = golden('mimi').rows.data.slice(0, 32);
    const expected = { code: 'UNSUPPORTED', message: expect.stringContaining('expected a Codebook, got a codec with projections') };
    expect(errorOf(() => wasm.quantize(codec, row))).toEqual(expected);
    expect(errorOf(() => reference.quantize(codec, row))).toEqual(expected);
    const training = wasm.train(normalRows({ rows: 200, dim: 32 }), { stages: 4, codewords: 32, start: codec });
    expect(await rejectionOf(training)).toMatchObject(expected);
  });

  it('are checked where they were made by hand', () => {
    const { rows } = golden('dac');
    const plain = (): { -readonly [K in keyof ProjectedCodec]: ProjectedCodec[K] } => ({ ...(structuredClone(load('dac')) as ProjectedCodec) });
    const message = (change: (codec: ReturnType<typeof plain>) => void): string => {
      const codec = plain();
      change(codec);
      return errorOf(() => wasm.encode(codec, rows)).message;
    };
    const replacePart = (codec: ReturnType<typeof plain>, change: object): void => {
      codec.groups = [[{ ...codec.groups[0][0], ...change }, ...codec.groups[0].slice(1)]];
    };
    expect(message((codec) => Object.assign(codec, { groups: [] }))).toBe('codebook.groups: expected an array of at least one, got an array of 0');
    expect(message((codec) => Object.assign(codec, { codewords: [32] }))).toBe('codebook.codewords: expected 32,32,32, got an array of 1');
    expect(message((codec) => Object.assign(codec, { dim: 15 }))).toMatch(/^codebook\.groups\[0\]\[0\]\.input: expected a projection from 15 to 4/);
    expect(message((codec) => replacePart(codec, { metric: 'dot' }))).toMatch(/\[0\]\[0\]\.metric: expected 'euclidean' or 'cosine', got "dot"/);
    expect(message((codec) => replacePart(codec, { output: undefined }))).toMatch(
      /\.output: expected a projection from 4 to 16 values, got undefined/,
    );
    expect(message((codec) => replacePart(codec, { codec: load('encodec') }))).toMatch(/\.codec: expected a Codebook of one stage/);
    const bad = plain();
    const weight = bad.groups[0][1].input?.weight ?? new Float32Array();
    weight[5] = Number.NaN;
    expect(errorOf(() => reference.encode(bad, rows))).toEqual({
      code: 'NOT_FINITE',
      message: 'codebook.groups[0][1].input.weight: element 5: expected a finite float32, got NaN',
    });
  });
});

function shape(name: CodecName): string[][] {
  const text = (codec: wasm.Codec): string[][] =>
    isCodebook(codec)
      ? [[codec.codewords.join()]]
      : codec.groups.map((parts) =>
          parts.map((part) => {
            const inner = isCodebook(part.codec) ? part.codec.codewords.join() : `(${text(part.codec).flat().join('; ')})`;
            const [input, output] = [part.input && `${part.input.from} > ${part.input.to} `, part.output && ` > ${part.output.to}`];
            return `${input ?? ''}${part.metric} ${inner}${output ?? ''}`;
          }),
        );
  return text(load(name));
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

function repeated({ data, rows, dim }: wasm.Matrix, count: number): wasm.Matrix {
  return wasm.matrix(
    Float32Array.from({ length: count * dim }, (_, i) => data[i % (rows * dim)] * (1 + Math.floor(i / (rows * dim)) / 10)),
    dim,
  );
}

/** The codec with inputs so many times as large. */
function scaled(codec: ProjectedCodec, factor: number): ProjectedCodec {
  const [parts] = codec.groups;
  return projectedCodec(codec.dim, [
    parts.map((part) => ({ ...part, input: part.input && { ...part.input, weight: part.input.weight.map((value) => value * factor) } })),
  ]);
}
