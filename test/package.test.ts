// The package as npm would publish it, installed into an empty project.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { name, version } from '../package.json';
import { node, run, tsc, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';

let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rvq-consumer-'));
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], projectPath('.'));
  writeFiles(folder, { 'package.json': JSON.stringify({ name: 'consumer', private: true }) });
  const tarball = `${name}-${version}.tgz`;
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, tarball)], folder);
}, 60_000);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/** What both kinds of modules do with the four entries; `rvq`, `reference`, `formats` and `files` are their exports. */
const USE = `
const book = rvq.randomCodebook({ dim: 5, stages: 3, codewords: [7, 300, 2], seed: 4 });
const vectors = rvq.matrix(rvq.randomCodebook({ dim: 5, stages: 1, codewords: 50, seed: 5 }).data, 5);
const codes = Array.from(rvq.encode(book, vectors).data);

function thrown(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
}

async function report() {
  await files.writeCodebook('book.safetensors', book);
  const read = await files.readCodebook('book.safetensors');
  const errors = [
    thrown(() => rvq.encode(book, rvq.matrix([[1]]))),
    thrown(() => reference.encode(book, rvq.matrix([[1]]))),
    thrown(() => formats.loadCodec(new Uint8Array(3))),
    await files.readVectors('missing.npy').catch((error) => error),
  ];
  const classes = [rvq.RvqError, reference.RvqError, formats.RvqError, files.RvqError];
  const { codebook: trained } = await rvq.train(vectors, { stages: 1, codewords: 3 });
  const { codebook: trainedSlowly } = await reference.train(vectors, { stages: 1, codewords: 3 });
  console.log(
    JSON.stringify({
      codes,
      referenceCodes: Array.from(reference.encode(read, vectors).data),
      sameId: read.id === book.id && formats.loadCodec(formats.writeCodebook(book)).id === book.id,
      sameTraining: trained.id === trainedSlowly.id,
      errors: errors.map((error) => [error.code, ...classes.map((one) => error instanceof one)]),
    }),
  );
}
report();
`;

const ESM = `
import * as rvq from 'residual-vq';
import * as reference from 'residual-vq/reference';
import * as formats from 'residual-vq/formats';
import * as files from 'residual-vq/node';
${USE}`;

const COMMON_JS = `
const rvq = require('residual-vq');
const reference = require('residual-vq/reference');
const formats = require('residual-vq/formats');
const files = require('residual-vq/node');
${USE}`;

const REPORT = {
  sameId: true,
  sameTraining: true,
  errors: [
    ['DIM_MISMATCH', true, true, true, true],
    ['DIM_MISMATCH', true, true, true, true],
    ['BAD_FILE', true, true, true, true],
    ['FILE_ACCESS', true, true, true, true],
  ],
};

describe('the installed package', () => {
  it('has no dependencies', async () => {
    const { dependencies } = JSON.parse(await run('npm', ['ls', '--all', '--json'], folder));
    expect(Object.keys(dependencies)).toEqual([name]);
    expect(dependencies[name].dependencies).toBeUndefined();
  });

  it('gives the same codes by import and by require, from every entry', async () => {
    writeFiles(folder, { 'use.mjs': ESM, 'use.cjs': COMMON_JS });
    const imported = JSON.parse(await node(['use.mjs'], folder));
    const required = JSON.parse(await node(['use.cjs'], folder));
    expect(imported).toMatchObject(REPORT);
    expect(imported.codes).toHaveLength(150);
    expect(imported.referenceCodes).toEqual(imported.codes);
    expect(required).toEqual(imported);
  });

  it('lets its manifest be read', async () => {
    const source = `console.log(require('residual-vq/package.json').version)`;
    expect(await node(['-e', source], folder)).toBe(`${version}\n`);
  });

  it('brings the command', async () => {
    expect(await run('npx', ['--no-install', 'rvq', '--version'], folder)).toBe(`${version}\n`);
  });
});

/** A program that uses what the entries export, with the types that it should have. */
const TYPED = `
const vectors: Matrix = matrix([[1, 2], [3, 4]]);
const options: TrainOptions = { stages: 1, codewords: [2], onProgress: ({ fraction }: TrainProgress) => fraction };
export async function use(signal: AbortSignal): Promise<number> {
  const { codebook: book, report }: { codebook: Codebook; report: TrainReport } = await train(vectors, { ...options, signal });
  const codes: Codes = encode(book, vectors, { beam: 1 });
  const bytes: Uint8Array = pack(codes, book);
  const rebuilt: Matrix = decode(book, unpack(bytes, book, codes.rows), { stages: 1 });
  const { mse }: Evaluation = evaluate(book, rebuilt);
  const { reconstruction }: Quantized = quantize(book, [1, 2]);
  await writeCodebook('book.safetensors', book, { signal });
  const codec: Codec = loadCodec(writeBytes(book), { prefix: '' });
  const [own, later]: [Codec, Promise<Codec>] = [await readCodec('book.safetensors'), loadCodec({ index: bytes, shards: () => bytes })];
  decode(codec, encode(own, vectors)).data.set(decode(await later, codes).data);
  const read: Codebook = await readCodebook('book.safetensors');
  try {
    referenceEncode(read, rebuilt);
  } catch (error) {
    const code: ErrorCode | undefined = error instanceof RvqError ? error.code : undefined;
    if (code === 'DIM_MISMATCH') return 0;
  }
  new Blob([bytes.slice(), reconstruction.slice()]);
  return mse + report.mse + (codes.data[0] ?? 0);
}
// @ts-expect-error a codebook's data is not to be replaced
export const change = (book: Codebook): void => { book.data = new Float32Array(1); };
// @ts-expect-error train needs stages
export const incomplete: TrainOptions = { codewords: 4 };
`;

const TYPED_IMPORTS = `
import { decode, encode, evaluate, matrix, pack, quantize, RvqError, train, unpack } from 'residual-vq';
import type { Codebook, Codec, Codes, ErrorCode, Evaluation, Matrix, Quantized, TrainOptions, TrainProgress, TrainReport } from 'residual-vq';
import { loadCodec, writeCodebook as writeBytes } from 'residual-vq/formats';
import { readCodebook, readCodec, writeCodebook } from 'residual-vq/node';
import { encode as referenceEncode } from 'residual-vq/reference';
${TYPED}`;

const TYPED_REQUIRE = `
import rvq = require('residual-vq');
import files = require('residual-vq/node');
import reference = require('residual-vq/reference');
export const same: boolean = rvq.encode === reference.encode;
export const write: (path: string, book: rvq.Codebook) => Promise<void> = files.writeCodebook;
`;

describe("the installed package's types", () => {
  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022', 'DOM'] },
    { module: 'node16', moduleResolution: 'node16', lib: ['ES2022', 'DOM'] },
    { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'], types: ['node'] },
  ])('fit strict programs of $module by import and by require, with $lib', async (options) => {
    const project = consumer('typed-node');
    writeFiles(project, { 'imports.mts': TYPED_IMPORTS, 'imports.cts': TYPED_IMPORTS, 'requires.cts': TYPED_REQUIRE });
    await tsc(project, { ...options, noEmit: true });
  });

  it('fit strict programs for bundlers', async () => {
    const project = consumer('typed-bundler');
    writeFiles(project, { 'imports.ts': TYPED_IMPORTS });
    await tsc(project, { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'], noEmit: true });
  });
});

/** A folder of the project for one compilation, with Node's types for those who ask for them. */
function consumer(prefix: string): string {
  const project = mkdtempSync(join(folder, `${prefix}-`));
  writeFiles(project, { 'node_modules/.keep': '' });
  symlinkSync(projectPath('node_modules/@types'), join(project, 'node_modules/@types'), 'junction');
  return project;
}
