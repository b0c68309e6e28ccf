// rvq encode --arrow and rvq stats --arrow: streams of apache-arrow go in, and come out as it reads them. test/outside/arrow.py does the same with pyarrow.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as arrow from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode, type Matrix, matrix, pack, randomCodebook } from '../ts/index.ts';
import { createStageSums } from '../ts/kmeans/stage-sums.ts';
import { writeCodebook } from '../ts/node/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';
import { stageSums } from '../ts/sums.ts';
import { arrowStream, vectorColumn } from './support/arrow.ts';
import { commandPath, startRvq } from './support/command.ts';
import { normalRows } from './support/rows.ts';

const dim = 16;
const book = randomCodebook({ dim, stages: 3, codewords: [16, 64, 8], seed: 3 });
const rows = normalRows({ rows: 3000, dim });
const codes = encode(book, rows);
const END = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
const folder = mkdtempSync(join(tmpdir(), 'rvq-test-'));
const ids = arrow.vectorFromArray(Int32Array.from({ length: rows.rows }, (_, i) => 3 * i));

beforeAll(async () => {
  await writeCodebook(join(folder, 'book.safetensors'), book);
  await writeCodebook(join(folder, 'wide.safetensors'), randomCodebook({ dim, stages: 2, codewords: 300, seed: 4 }));
  await writeCodebook(join(folder, 'ones.safetensors'), randomCodebook({ dim, stages: 2, codewords: 1, seed: 4 }));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly code: number | null;
  readonly out: Buffer;
  readonly error: string;
}

function run(input: Uint8Array, args: string): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandPath(), ...args.split(' ')], { cwd: folder, input, maxBuffer: 1 << 28 });
  return { code: status, out: stdout, error: stderr.toString().trimEnd() };
}

function encoded(input: Uint8Array, args = ''): arrow.Table {
  const { code, out, error } = run(input, `encode book.safetensors --arrow -q ${args}`.trimEnd());
  expect([code, error]).toEqual([0, '']);
  expect([...out.subarray(-8)]).toEqual(END);
  return arrow.tableFromIPC(out);
}

function codesOf(table: arrow.Table, column = 'codes'): number[] {
  return Array.from(table.getChild(column)?.toArray() ?? [], (row: arrow.Vector) => Array.from(row.toArray() as Uint8Array)).flat();
}

function stream(vectors: Matrix, sizes: readonly number[] = [vectors.rows]): Buffer {
  return arrowStream({ v: vectorColumn('fixed', vectors) }, sizes);
}

describe('rvq encode --arrow', () => {
  it.each(['list', 'doubles', 'fixed', 'binary'] as const)('gives the codes of encode beside the other columns: %s', (kind) => {
    const words = arrow.vectorFromArray(
      Array.from({ length: rows.rows }, (_, i) => (i % 7 === 0 ? null : `word ${i % 5}`)),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
    );
    const lists = arrow.vectorFromArray(Array.from({ length: rows.rows }, (_, i) => ({ a: i, b: i % 2 === 0 })));
    const table = encoded(arrowStream({ ids, v: vectorColumn(kind, rows), words, lists }, [1, 0, 999, 2000, 0]), '--column v');
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['ids', 'words', 'lists', 'codes']);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([1, 0, 999, 2000, 0]);
    expect(codesOf(table)).toEqual(Array.from(codes.data));
    expect(Array.from(table.getChild('ids')?.toArray() ?? [])).toEqual(Array.from(ids.toArray()));
    expect(table.getChild('words')?.toJSON()).toEqual(words.toJSON());
    expect(JSON.stringify(table.getChild('lists'))).toBe(JSON.stringify(lists));
    const { type, metadata } = table.schema.fields[3];
    expect(String(type)).toBe('FixedSizeList[3]<Uint8>');
    expect(Object.fromEntries(metadata)).toEqual({
      'residual-vq.format': 'residual-vq codes',
      'residual-vq.version': '1',
      'residual-vq.codebook': book.id,
      'residual-vq.codewords': '16,64,8',
      'residual-vq.layout': 'plain',
    });
  });

  it('keeps a column of more nulls in lists than the batch has bits', () => {
    const item = new arrow.Field('item', new arrow.Null());
    const nulls = arrow.vectorFromArray([Array(100_000).fill(null)], new arrow.List(item));
    const one = matrix(rows.data.slice(0, dim), dim);
    const table = encoded(arrowStream({ nulls, v: vectorColumn('fixed', one) }, [1]), '--column v');
    expect(table.getChild('nulls')?.get(0)?.length).toBe(100_000);
    expect(codesOf(table)).toEqual(Array.from(codes.data.subarray(0, 3)));
  });

  it('keeps the columns that are named, and packs', () => {
    const input = arrowStream({ ids, other: ids, v: vectorColumn('list', rows) }, [1500, 1500]);
    const table = encoded(input, '--keep v,ids --codes-column c --packed --beam 4');
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['ids', 'v', 'c']);
    const bytes = Buffer.concat(table.getChild('c')?.toArray() ?? []);
    expect(bytes.equals(Buffer.from(pack(encode(book, rows, { beam: 4 }), book)))).toBe(true);
    expect(table.schema.fields[2].metadata.get('residual-vq.layout')).toBe('packed');
    expect(encoded(input, '--keep=').schema.fields.map(({ name }) => name)).toEqual(['codes']);
  });

  it('gives uint16 where a stage has more than 256 codewords', () => {
    const { code, out } = run(stream(rows), 'encode wide.safetensors --arrow -q');
    expect(code).toBe(0);
    expect(String(arrow.tableFromIPC(out).schema.fields[0].type)).toBe('FixedSizeList[2]<Uint16>');
  });

  it('takes a stream without rows, and one without batches', () => {
    expect(encoded(stream(rows, [0, 0])).numRows).toBe(0);
    expect(encoded(stream(rows, [])).schema.fields.map(({ name }) => name)).toEqual(['codes']);
  });

  it('cuts large batches and gathers their codes', () => {
    const many = normalRows({ rows: 70_000, dim });
    expect(codesOf(encoded(stream(many, [69_000, 1000])))).toEqual(Array.from(encode(book, many).data));
  });

  it('refuses nulls, other dims and NaN by their row, and leaves no stream that reads as whole', () => {
    const lists = (values: (number[] | null)[]) =>
      arrowStream({ v: arrow.vectorFromArray(values, new arrow.List(new arrow.Field('item', new arrow.Float32(), true))) }, [2, values.length - 2]);
    const fine = [new Array(dim).fill(1), new Array(dim).fill(2), new Array(dim).fill(3)];
    const nan = matrix(rows.data.slice(), dim);
    nan.data[2500 * dim + 5] = Number.NaN;
    for (const [input, message] of [
      [lists([...fine, null]), 'column "v", row 3: expected a list of numbers, got null'],
      [lists([...fine, [1, 2]]), `column "v", row 3: expected ${dim} values, as the codebook has, got 2`],
      [lists([[1], ...fine]), `column "v", row 0: expected ${dim} values, as the codebook has, got 1`],
      [stream(nan, [2000, 1000]), 'row 2,500, element 5: expected a finite float32, got NaN'],
    ] as const) {
      const { code, out, error } = run(input, 'encode book.safetensors --arrow');
      expect([code, error]).toEqual([3, `rvq: standard input: ${message}`]);
      expect(() => arrow.tableFromIPC(out)).toThrow();
      expect([...out.subarray(-9)]).toEqual([0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0, 0]);
    }
    const other = run(stream(normalRows({ rows: 4, dim: 8 })), 'encode book.safetensors --arrow');
    expect(other).toMatchObject({ code: 3, error: 'rvq: standard input: column "v": expected rows of dim 16, as the codebook has, got dim 8' });
    expect(other.out.length).toBe(0);
  });

  it('refuses a stream that is cut off anywhere, also where its end is not marked', () => {
    const input = stream(rows.rows === 0 ? rows : matrix(rows.data.subarray(0, 40 * dim), dim), [20, 20]);
    const cuts = [0, 3, 4, 7, 8, 100, input.length - 1300, input.length - 100, input.length - 8, input.length - 4, input.length - 1];
    for (const cut of cuts) {
      const { code, out, error } = run(input.subarray(0, cut), 'encode book.safetensors --arrow');
      expect([cut, code]).toEqual([cut, 3]);
      expect(error).toMatch(/^rvq: standard input: byte [\d,]+: expected .* the end: the stream was cut off$/);
      expect([...out.subarray(-8)]).not.toEqual(END);
    }
  });

  it('withstands damage: other bytes are read, or refused in our own words', () => {
    const input = stream(matrix(rows.data.subarray(0, 4 * dim), dim), [4]);
    for (let at = 0; at < 480; at += 28) {
      const damaged = Buffer.from(input);
      damaged[at] ^= 0x81;
      const { code, error } = run(damaged, 'encode book.safetensors --arrow -q');
      expect([at, code === 0 || code === 3, /internal/.test(error)]).toEqual([at, true, false]);
    }
  });

  it('says what is no stream', () => {
    const file = readFileSync(new URL('./fixtures/tables/list.arrow', import.meta.url));
    const said = (input: Uint8Array) => run(input, 'encode book.safetensors --arrow').error;
    expect(said(file)).toMatch(/got a file \(\.arrow, Feather\): pass it by its name, without --arrow$/);
    expect(said(Buffer.from(rows.data.buffer))).toMatch(/^rvq: standard input: byte 0: expected an Arrow stream/);
    expect(said(Buffer.concat([stream(rows), stream(rows)]))).toMatch(/more bytes$/);
  });

  it('refuses what does not go together', () => {
    const refused = (args: string, input: Uint8Array = Buffer.alloc(0)) => {
      const { code, out, error } = run(input, args);
      expect([code, out.length]).toEqual([2, 0]);
      return error.replace(/^rvq: /, '');
    };
    const files = '--arrow: reads standard input and writes standard output, not';
    expect(refused('encode book.safetensors rows.npy --arrow')).toBe(`${files} rows.npy: use < and >`);
    expect(refused('encode book.safetensors --arrow -o c.npy')).toBe(`${files} c.npy: use < and >`);
    expect(refused('encode book.safetensors --arrow --tensor a')).toBe('--tensor: has no meaning with --arrow');
    expect(refused('encode book.safetensors rows.npy -o c.npy --codes-column c')).toBe('--codes-column: has no meaning without --arrow');
    expect(refused('encode book.safetensors --arrow --keep a', stream(rows))).toBe('--keep: expected columns of the stream, "v", got "a"');
    expect(refused('encode book.safetensors rows.npy')).toBe("required option '-o, --output <file>' not specified (see rvq help encode)");
    expect(refused('encode book.safetensors -o c.npy')).toBe("missing required argument 'vectors' (see rvq help encode)");
    const packed = '--packed: codes of one codeword a stage take no bits: leave it out';
    expect(refused('encode ones.safetensors --arrow --packed', stream(rows))).toBe(packed);
    expect(refused('encode ones.safetensors - -o - --packed')).toBe(packed);
    expect(refused('decode ones.safetensors - -o - --packed')).toBe(packed);
    const twice = run(arrowStream({ codes: ids, v: vectorColumn('fixed', rows) }, [3000]), 'encode book.safetensors --arrow');
    expect(twice).toMatchObject({ code: 3, error: expect.stringContaining('expected no column "codes" beside the codes') });
  });

  it('gives each batch before the next one comes, and the end before its input is closed', async () => {
    const child = startRvq(['encode', 'book.safetensors', '--arrow', '-q'], { cwd: folder });
    let out = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      out = Buffer.concat([out, chunk]);
    });
    const until = async (done: () => boolean) => {
      for (let i = 0; i < 1000 && !done(); i++) await wait(10);
      expect(done()).toBe(true);
    };
    const input = stream(matrix(rows.data.subarray(0, 300 * dim), dim), [100, 100, 100]);
    const last = 8; // the end
    const body = (input.length - 300 * dim * 4 - last) / 3; // about: of a batch, its metadata
    let sent = 0;
    let before = 0;
    for (const part of [1, 2, 3]) {
      const end = part === 3 ? input.length - last : Math.floor((part * (input.length - last)) / 3 + body / 2);
      child.stdin.write(input.subarray(sent, end));
      sent = end;
      await until(() => out.length > before + 300);
      before = out.length;
    }
    child.stdin.write(input.subarray(sent));
    await until(() => out.subarray(-8).equals(Buffer.from(END)));
    expect(codesOf(arrow.tableFromIPC(out))).toEqual(Array.from(codes.data.subarray(0, 900)));
    expect(child.exitCode).toBe(null);
    child.stdin.end();
    await until(() => child.exitCode === 0);
  });

  it.each([
    ['encode', 'SIGINT', 130],
    ['encode', 'SIGTERM', 143],
    ['stats', 'SIGINT', 130],
  ] as const)('%s ends at once by %s while its input is silent', async (verb, signal, expected) => {
    const child = startRvq([verb, 'book.safetensors', '--arrow'], { cwd: folder });
    let error = '';
    child.stderr.on('data', (text) => {
      error += text;
    });
    const out: Buffer[] = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.write(stream(rows, [1000, 2000]).subarray(0, 100_000));
    await wait(1000);
    const started = performance.now();
    child.kill(signal);
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(performance.now() - started).toBeLessThan(2000);
    const left = verb === 'stats' ? 'nothing was written' : 'standard output has only a part';
    expect([code, error]).toEqual([expected, `rvq: ${signal === 'SIGINT' ? 'interrupted' : 'terminated'}, ${left}\n`]);
    expect([...Buffer.concat(out).subarray(-8)]).not.toEqual(END);
  });

  it('ends quietly when the reader goes away', async () => {
    const child = startRvq(['encode', 'book.safetensors', '--arrow'], { cwd: folder });
    let error = '';
    child.stderr.on('data', (text) => {
      error += text;
    });
    child.stdin.on('error', () => {});
    child.stdout.once('data', () => child.stdout.destroy());
    const many = normalRows({ rows: 200_000, dim });
    const input = stream(
      many,
      Array.from({ length: 200 }, () => 1000),
    );
    child.stdin.write(input.subarray(0, input.length - 8)); // never ended
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(error).toBe('');
  });
});

interface Sums {
  readonly count: number[];
  readonly sum: number[];
  readonly error: number[];
}

function sumsOf(input: Uint8Array, args = ''): { table: arrow.Table; sums: Sums } {
  const { code, out, error } = run(input, `stats book.safetensors --arrow -q ${args}`.trimEnd());
  expect([code, error]).toEqual([0, '']);
  const table = arrow.tableFromIPC(out);
  const count = Array.from(table.getChild('count')?.toArray() as BigInt64Array, Number);
  const sum = Array.from(table.getChild('sum') ?? [], (row: arrow.Vector) => Array.from(row.toArray() as Float64Array)).flat();
  return { table, sums: { count, sum, error: Array.from(table.getChild('error')?.toArray() as Float64Array) } };
}

describe('rvq stats --arrow', () => {
  it('adds up the rows of each codeword of each stage, as the reference does, to the last bit', () => {
    const { table, sums } = sumsOf(stream(rows, [1, 0, 2999]));
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'stage Int32',
      'codeword Int32',
      'count Int64',
      'sum List<Float64>',
      'error Float64',
    ]);
    expect(table.schema.metadata.get('residual-vq.codebook')).toBe(book.id);
    expect(Array.from(table.getChild('stage')?.toArray() ?? [])).toEqual([16, 64, 8].flatMap((size, m) => new Array(size).fill(m)));
    expect(Array.from(table.getChild('codeword')?.toArray() ?? [])).toEqual([16, 64, 8].flatMap((size) => Array.from({ length: size }, (_, k) => k)));
    const reference = createStageSums(referenceKernels, book);
    reference.add(rows);
    const stages = reference.read();
    expect(sums.count).toEqual(stages.flatMap(({ counts }) => Array.from(counts)));
    expect(sums.sum).toEqual(stages.flatMap(({ sums }) => Array.from(sums)));
    expect(sums.error).toEqual(stages.flatMap(({ errors }) => Array.from(errors)));
    for (const stage of [0, 1, 2]) {
      const chosen = new Array(book.codewords[stage]).fill(0);
      for (let row = 0; row < rows.rows; row++) chosen[codes.data[row * 3 + stage]]++;
      expect(Array.from(stages[stage].counts)).toEqual(chosen);
    }
    const only = sumsOf(stream(rows), '--stage 1');
    expect(only.sums.sum).toEqual(Array.from(stages[1].sums));
    expect(only.table.numRows).toBe(64);
  });

  it('gives parts that add up to the same sums, to the last bit, however rows are shared out', () => {
    const whole = sumsOf(stream(rows)).sums;
    const parts = [0, 700, 701, 3000].flatMap((start, i, starts) => (i === 3 ? [] : [sumsOf(stream(part(start, starts[i + 1]))).sums]));
    const added = (of: (sums: Sums) => number[]) => of(whole).map((_, i) => parts.reduce((sum, one) => sum + of(one)[i], 0));
    expect(added(({ sum }) => sum)).toEqual(whole.sum);
    expect(added(({ count }) => count)).toEqual(whole.count);
    added(({ error }) => error).forEach((error, i) => {
      expect(error).toBeCloseTo(whole.error[i], 8);
    });
  });

  it('makes a Lloyd iteration that lowers the error of its stage', () => {
    const sums = stageSums(book, 0);
    sums.add(rows);
    const [{ counts, sums: totals, errors }] = sums.read();
    sums.close();
    const moved = book.data.slice();
    counts.forEach((n, k) => {
      for (let j = 0; j < dim && n > 0; j++) moved[k * dim + j] = totals[k * dim + j] / n;
    });
    const next = stageSums({ ...book, data: moved }, 0);
    next.add(rows);
    const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
    expect(total(next.read()[0].errors)).toBeLessThan(0.95 * total(errors));
    next.close();
  });

  it('takes no rows, and writes nothing where it fails', () => {
    expect(sumsOf(stream(rows, [])).sums.count.every((n) => n === 0)).toBe(true);
    expect(run(stream(rows, []), 'stats book.safetensors --arrow').error).toMatch(/sums of 0 rows$/); // and no mse of them
    const cut = run(stream(rows).subarray(0, 100_000), 'stats book.safetensors --arrow');
    expect([cut.code, cut.out.length]).toEqual([3, 0]);
    const large = matrix(
      rows.data.map((value) => value * 1e9),
      dim,
    );
    expect(run(stream(large), 'stats book.safetensors --arrow').error).toMatch(
      /row 0, element \d+: expected at most .*, 2\^23 times the largest value of the codebook, got/,
    );
    expect(run(stream(rows), 'stats book.safetensors --arrow --stage 3').error).toBe(
      'rvq: --stage: expected 0 to 2, as book.safetensors has 3, got 3',
    );
    expect(run(stream(rows), 'stats book.safetensors').error).toBe("rvq: required option '--arrow' not specified (see rvq help stats)");
  });
});

function part(start: number, end: number): Matrix {
  return matrix(rows.data.slice(start * dim, end * dim), dim);
}
