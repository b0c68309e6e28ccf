// Files of other programs on disk, in residual-vq/node and in the command.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFaissIndex } from '../ts/formats/index.ts';
import { decode, encode, type Matrix, matrix, randomCodebook } from '../ts/index.ts';
import { openCodes, openVectors, readCodebook, readCodes, readVectors, writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import { rvq } from './support/command.ts';
import { node, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { fixturePath, rejectionOf, temporaryFolder } from './support/files.ts';

const tables = (name: string) => projectPath(`test/fixtures/tables/${name}`);
const faiss = (name: string) => projectPath(`test/fixtures/faiss/${name}`);

/** What the columns of the tables hold. */
const halves = matrix(
  Float32Array.from({ length: 21 }, (_, i) => i / 2 - 3),
  3,
);

const book = randomCodebook({ dim: 3, stages: 3, codewords: [4, 16, 2], seed: 1 });

async function blocksOf(file: AsyncIterable<Matrix>): Promise<Matrix[]> {
  const blocks: Matrix[] = [];
  for await (const block of file) blocks.push(block);
  return blocks;
}

describe('readVectors and openVectors', () => {
  it.each([
    { path: tables('all.parquet'), options: { column: 'fixed' } },
    { path: tables('zstd.parquet'), options: {} },
    { path: tables('all.arrow'), options: { column: 'large' } },
    { path: tables('plain.feather'), options: {} },
  ])('read $path', async ({ path, options }) => {
    expect(await readVectors(path, options)).toEqual(halves);
    const file = await openVectors(path, options);
    expect([file.rows, file.dim]).toEqual([7, 3]);
    for (const time of ['once', 'again']) {
      const values = (await blocksOf(file)).flatMap(({ data }) => Array.from(data));
      expect(values, time).toEqual(Array.from(halves.data));
    }
  });

  it('give .parquet row group after row group', async () => {
    const blocks = await blocksOf(await openVectors(tables('plain.parquet')));
    expect(blocks.map(({ rows }) => rows)).toEqual([4, 3]);
  });

  it('name the column of a .parquet file without rows', async () => {
    const path = tables('empty.parquet');
    const expected = `${path}: column "list": expected at least one row, which says the dim, got none`;
    expect((await rejectionOf(openVectors(path))).message).toBe(expected);
    expect((await rejectionOf(readVectors(path))).message).toBe(expected);
  });

  it('read an array of .npz, and raw floats of a given dim', async () => {
    const first = await readVectors(fixturePath('v1.npy'));
    expect(await readVectors(fixturePath('stored.npz'), { array: 'a' })).toEqual(first);
    const path = join(temporaryFolder(), 'x.f32');
    await writeVectors(path, first);
    expect(readFileSync(path).length).toBe(4 * first.data.length);
    expect(await readVectors(path, { dim: 3 })).toEqual(first);
  });

  it('refuse an option that is not for the format, and say which one is', async () => {
    const refusal = async (path: string, options: object) => (await rejectionOf(readVectors(path, options))).message;
    expect(await refusal('a.npy', { column: 'x' })).toBe(
      'readVectors option column: expected none with a.npy: it is for .parquet and .arrow files, got "x"',
    );
    expect(await refusal('a.parquet', { tensor: 'x' })).toMatch(/expected none with a\.parquet: it is for \.safetensors files, got "x"$/);
    expect(await refusal('a.raw', {})).toBe('readVectors option dim: expected the number of floats a row, which a.raw does not say, got undefined');
    expect(await refusal('a.f32', { dim: 0 })).toMatch(/option dim: expected an integer from 1 to 4096, got 0$/);
    expect(await refusal('a.npz', { array: 3 })).toMatch(/option array: expected the name of one, got 3$/);
  });
});

describe('without the packages for tables', () => {
  it('.parquet and .arrow are refused with what to install, by import and by require', async () => {
    const folder = temporaryFolder();
    cpSync(projectPath('dist'), join(folder, 'dist'), { recursive: true });
    const use = (load: string) => `${load}
      for (const name of ['plain.parquet', 'list.arrow']) files.readVectors(${JSON.stringify(tables(''))} + name).catch(({ code, message }) => console.log(code, message));`;
    writeFiles(folder, {
      'dist/package.json': '{"type":"module"}',
      'a.mjs': use("import * as files from './dist/node.js';"),
      'b.cjs': use("const files = require('./dist/node.cjs');"),
    });
    for (const program of ['a.mjs', 'b.cjs']) {
      const lines = (await node([program], folder)).trimEnd().split('\n').sort();
      expect(lines[0]).toMatch(/^UNSUPPORTED .*list\.arrow: reading it takes the package apache-arrow beside residual-vq: npm install apache-arrow$/);
      expect(lines[1]).toMatch(/^UNSUPPORTED .*plain\.parquet: reading it takes the package hyparquet beside residual-vq: npm install hyparquet$/);
    }
  });
});

describe('faiss indexes as files', () => {
  it('are codebook and codes', async () => {
    const folder = temporaryFolder();
    const codes = encode(book, halves);
    for (const name of ['a.faissindex', 'a.faiss', 'a.INDEX']) {
      const path = join(folder, name);
      await writeCodes(path, codes, book);
      expect(await readCodebook(path)).toEqual(book);
      expect(await readCodes(path)).toEqual(codes);
      expect(await readCodes(path, book)).toEqual(codes);
      const opened = await openCodes(path, book);
      expect([opened.rows, opened.stages]).toEqual([7, 3]);
    }
    const other = randomCodebook({ dim: 3, stages: 3, codewords: [4, 16, 2], seed: 2 });
    const { code, message } = await rejectionOf(readCodes(join(folder, 'a.faiss'), other));
    expect(code).toBe('CODEBOOK_MISMATCH');
    expect(message).toContain(`made with codebook ${book.id}, which it holds, not with the one given, ${other.id}`);
    expect((await rejectionOf(writeCodes(join(folder, 'b.faiss'), codes, book, { packed: true }))).message).toMatch(
      /only \.safetensors files hold packed codes.*packed as it is$/,
    );
  });
});

describe('rvq', () => {
  const info = async (path: string): Promise<Record<string, unknown>> => JSON.parse((await rvq(['info', path, '--json'])).stdout);

  it('encodes and decodes with indexes of faiss', async () => {
    const folder = temporaryFolder();
    const [vectors, index, rebuilt] = ['v.f32', 'index.faissindex', 'r.npy'].map((name) => join(folder, name));
    await writeVectors(vectors, halves);
    await writeCodebook(join(folder, 'book.safetensors'), book);
    expect(await rvq(['encode', join(folder, 'book.safetensors'), vectors, '-o', index])).toMatchObject({ code: 0 });
    expect(readFaissIndex(readFileSync(index))).toEqual({ codebook: book, codes: encode(book, halves) });
    expect(await rvq(['decode', index, index, '-o', rebuilt])).toMatchObject({ code: 0 });
    expect(await readVectors(rebuilt)).toEqual(matrix(decode(book, encode(book, halves)).data, 3));
    const { code, stderr } = await rvq(['encode', join(folder, 'book.safetensors'), vectors, '--packed', '-o', index]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('only .safetensors files hold packed codes')]);
  });

  it.each([
    ['a table', [tables('all.parquet'), '--column', 'fixed']],
    ['a table of Arrow', [tables('all.arrow'), '--column', 'binary']],
    ['an archive of NumPy', [fixturePath('stored.npz'), '--array', 'counts']],
  ])('trains on %s', async (_, args) => {
    const output = join(temporaryFolder(), 'book.safetensors');
    const { code, stderr } = await rvq(['train', ...args, '--stages', '1', '--codewords', '2', '-o', output]);
    expect(code, stderr).toBe(0);
    expect((await readCodebook(output)).codewords).toEqual([2]);
  });

  it('info tells what each of them is', async () => {
    expect(await info(tables('plain.parquet'))).toMatchObject({
      format: 'parquet',
      kind: 'vectors',
      rows: 7,
      dim: 3,
      bitsPerRow: 96,
      column: 'list',
    });
    expect(await info(tables('list.arrow'))).toMatchObject({ format: 'arrow', kind: 'vectors', rows: 7, dim: 3, column: 'list' });
    const table = await info(tables('all.arrow'));
    expect(table).toMatchObject({ kind: 'table', rows: 7 });
    expect(table.columns).toEqual(
      expect.arrayContaining([
        { name: 'text', vectors: false },
        { name: 'fixed', vectors: true },
      ]),
    );
    expect(await info(fixturePath('stored.npz'))).toMatchObject({
      kind: 'arrays',
      arrays: [
        { name: 'a', kind: 'vectors', type: 'f4', shape: [5, 3], rows: 5, dim: 3, bitsPerRow: 96 },
        { name: 'counts', kind: 'vectors or codes', type: 'i8', shape: [2, 3, 2], rows: 6, dim: 2 },
        { name: 'text', kind: 'other' },
      ],
    });
    const { codebook } = readFaissIndex(readFileSync(faiss('product.faissindex')));
    const shape = {
      rows: 6,
      dim: 4,
      stages: 4,
      codewords: [8, 8, 8, 8],
      bitsPerStage: [3, 3, 3, 3],
      bitsPerRow: 12,
      rowBytes: 3,
      slices: 2,
      id: codebook.id,
    };
    const kind = { kind: 'faiss index', type: 'IndexProductResidualQuantizer', metric: 'l2', search: 'norm_qint8' };
    expect(await info(faiss('product.faissindex'))).toMatchObject({ format: 'faissindex', bytes: 806, ...kind, ...shape });
    const raw = join(temporaryFolder(), 'x.bin');
    writeFileSync(raw, new Float32Array(6));
    expect(await info(raw)).toMatchObject({ format: 'f32', kind: 'values', type: 'float32', values: 6 });
    const text = (await rvq(['info', faiss('inner_product.faissindex')])).stdout;
    expect(text).toMatch(
      /: faiss IndexResidualQuantizer, 6 rows, 2 stages x 8 codewords of dim 4, 6 bits a row\n {2}metric inner product, search type ST_decompress/,
    );
  });
});
