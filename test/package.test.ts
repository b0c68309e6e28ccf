// The package as npm would publish it, installed into an empty project.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exports as entries, name, version } from '../package.json';
import { node, run, tsc, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { TYPED_IMPORTS, TYPED_PAGE, TYPED_REQUIRE } from './support/typed.ts';

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

/** What both kinds of modules do with the entries; `rvq`, `slim`, `reference`, `formats`, `pool` and `files` are their exports. */
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
    thrown(() => slim.encode(book, vectors)),
    thrown(() => pool.createPool({})),
  ];
  const classes = [rvq, reference, formats, files, slim, pool].map((entry) => entry.RvqError);
  await slim.init(require('node:fs').readFileSync(require.resolve('residual-vq/rvq_core.wasm')));
  const { codebook: trained } = await rvq.train(vectors, { stages: 1, codewords: 3 });
  const { codebook: trainedSlowly } = await reference.train(vectors, { stages: 1, codewords: 3 });
  console.log(
    JSON.stringify({
      codes,
      referenceCodes: Array.from(reference.encode(read, vectors).data),
      slimCodes: Array.from(slim.encode(book, vectors).data),
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
import * as slim from 'residual-vq/slim';
import * as pool from 'residual-vq/pool';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${USE}`;

const COMMON_JS = `
const rvq = require('residual-vq');
const reference = require('residual-vq/reference');
const formats = require('residual-vq/formats');
const files = require('residual-vq/node');
const slim = require('residual-vq/slim');
const pool = require('residual-vq/pool');
${USE}`;

/** The entries that are scripts, as programs name them. */
const scripts = Object.entries(entries).flatMap(([path, target]) => (typeof target === 'string' ? [] : [path.replace('.', name)]));

const REPORT = {
  sameId: true,
  sameTraining: true,
  errors: [
    ['DIM_MISMATCH', ...Array(6).fill(true)],
    ['DIM_MISMATCH', ...Array(6).fill(true)],
    ['BAD_FILE', ...Array(6).fill(true)],
    ['FILE_ACCESS', ...Array(6).fill(true)],
    ['NOT_INITIALIZED', ...Array(6).fill(true)],
    ['INVALID_ARGUMENT', ...Array(6).fill(true)],
  ],
};

describe('the installed package', () => {
  it('has no dependencies', async () => {
    const { dependencies } = JSON.parse(await run('npm', ['ls', '--all', '--json'], folder));
    expect(Object.keys(dependencies)).toEqual([name]);
    // packages that may stand beside it are told of, empty: none of them was installed
    expect(Object.values(dependencies[name].dependencies ?? {}).every((peer) => Object.keys(peer as object).length === 0)).toBe(true);
  });

  it('gives the same codes by import and by require, from every entry', async () => {
    writeFiles(folder, { 'use.mjs': ESM, 'use.cjs': COMMON_JS });
    const imported = JSON.parse(await node(['use.mjs'], folder));
    const required = JSON.parse(await node(['use.cjs'], folder));
    expect(imported).toMatchObject(REPORT);
    expect(imported.codes).toHaveLength(150);
    expect(imported.referenceCodes).toEqual(imported.codes);
    expect(imported.slimCodes).toEqual(imported.codes);
    expect(required).toEqual(imported);
  });

  it.each(scripts)('gives the same names by import and by require from %s, and does nothing when loaded', async (entry) => {
    const source = `import(${JSON.stringify(entry)}).then((m) => console.log(JSON.stringify([Object.keys(m), Object.keys(require(${JSON.stringify(entry)}))])));`;
    const [imported, required] = JSON.parse(await node(['-e', source], folder));
    const isOwn = (key: string): boolean => key !== 'default' && key !== 'module.exports';
    expect(imported.filter(isOwn).sort()).toEqual(required.filter(isOwn).sort());
  });

  it('lets its manifest be read', async () => {
    const source = `console.log(require('residual-vq/package.json').version)`;
    expect(await node(['-e', source], folder)).toBe(`${version}\n`);
  });

  it.each([
    ['mjs', "import * as rvq from 'residual-vq';"],
    ['cjs', "const rvq = require('residual-vq');"],
  ])('shows what went wrong where nobody catches it, and little code beside: .%s', async (kind, load) => {
    const use = 'rvq.encode(rvq.randomCodebook({ dim: 2, stages: 1, codewords: 2, seed: 1 }), rvq.matrix([[1, NaN]]));';
    writeFiles(folder, { [`fails.${kind}`]: `${load}\n${use}\n` });
    const { message } = await node([`fails.${kind}`], folder).then(
      () => new Error('did not fail'),
      (error: Error) => error,
    );
    expect(message).toContain('vectors: row 0, element 1: expected a finite float32, got NaN');
    expect(message.length).toBeLessThan(3000);
  });

  it('brings the command', async () => {
    expect(await run('npx', ['--no-install', 'rvq', '--version'], folder)).toBe(`${version}\n`);
  });
});

describe("the installed package's types", () => {
  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022', 'DOM'] },
    { module: 'node16', moduleResolution: 'node16', lib: ['ES2022', 'DOM'] },
    { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'], types: ['node'] },
  ])('fit strict programs of $module by import and by require, with $lib', async (options) => {
    const project = consumer('typed-node');
    writeFiles(project, { 'imports.mts': TYPED_IMPORTS, 'imports.cts': TYPED_IMPORTS, 'requires.cts': TYPED_REQUIRE });
    if (options.lib.includes('DOM')) writeFiles(project, { 'page.mts': TYPED_PAGE, 'page.cts': TYPED_PAGE });
    await tsc(project, { ...options, noEmit: true });
  });

  it('fit strict programs for bundlers', async () => {
    const project = consumer('typed-bundler');
    writeFiles(project, { 'imports.ts': TYPED_IMPORTS, 'page.ts': TYPED_PAGE });
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
