// The pool in programs as a user has them: the built package, in processes of their own.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'tsup';
import { describe, expect, it } from 'vitest';
import { linkPackage, node, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { temporaryFolder } from './support/files.ts';

/** The text of ts/node/worker.ts, bundled: put in by vitest.config.ts. */
declare const WORKER_SCRIPT: string;

/** Encodes with two threads, and leaves the pool open. `rvq` and `files` are the entries' exports. */
const USE = `
async function use() {
  const book = rvq.randomCodebook({ dim: 128, stages: 4, codewords: 64, seed: 1 });
  const rows = rvq.matrix(Float32Array.from({ length: 20000 * 128 }, (_, i) => (i * 7919) % 1009), 128);
  const pool = files.createPool({ threads: 2 });
  const codes = await pool.encode(book, rows);
  const error = await pool.encode(book, rvq.matrix([[1]])).catch((error) => error);
  console.log(Buffer.compare(codes.data, rvq.encode(book, rows).data), error instanceof rvq.RvqError, error.code, pool.lostWorkers);
  return pool;
}
`;
const IMPORTS = `import * as rvq from 'residual-vq';\nimport * as files from 'residual-vq/node';\n`;
const REQUIRES = `const rvq = require('residual-vq');\nconst files = require('residual-vq/node');\n`;
const PRINTED = '0 true DIM_MISMATCH 0\n';

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  linkPackage(folder);
  writeFiles(folder, files);
  return folder;
}

/** The core in a script: base64, longer than any other text. */
const INLINED = /[A-Za-z0-9+/]{20000,}/;

describe('the package', () => {
  it('holds the bytes of the core once for each kind of module, and none in the worker', () => {
    const holders = (extension: string) =>
      readdirSync(projectPath('dist')).filter(
        (name) => extname(name) === extension && INLINED.test(readFileSync(projectPath(`dist/${name}`), 'utf8')),
      );
    expect([holders('.js').length, holders('.cjs').length]).toEqual([1, 1]);
    expect(WORKER_SCRIPT.length).toBeLessThan(30_000);
    expect(WORKER_SCRIPT).not.toMatch(INLINED);
  });
});

describe('a program with a pool', () => {
  it('runs as a module and as CommonJS, and ends though the pool stays open', async () => {
    const folder = project({ 'a.mjs': `${IMPORTS}${USE}use();`, 'b.cjs': `${REQUIRES}${USE}use();` });
    expect(await node(['a.mjs'], folder)).toBe(PRINTED);
    expect(await node(['b.cjs'], folder)).toBe(PRINTED);
    expect(await node(['--input-type=module', '-e', `${IMPORTS}${USE}use();`], folder)).toBe(PRINTED);
  });

  it('is not kept alive by pools that were never used, or closed', async () => {
    const folder = project({ 'a.mjs': `${IMPORTS}${USE}files.createPool(); await (await use()).close(); files.createPool();` });
    expect(await node(['a.mjs'], folder)).toBe(PRINTED);
  });

  it('is kept alive by what a pool does', async () => {
    const source = `${IMPORTS}
      const rows = rvq.matrix(Float32Array.from({ length: 9000 * 64 }, (_, i) => (i * 7919) % 1009), 64);
      files.createPool({ threads: 2 }).train(rows, { stages: 2, codewords: 256 }).then(({ codebook }) => console.log(codebook.id.length));`;
    expect(await node(['a.mjs'], project({ 'a.mjs': source }))).toBe('32\n');
  });

  it.each(['esm', 'cjs'] as const)('runs when it was bundled to one file, as %s, and moved', async (format) => {
    const folder = project({ 'program.mjs': `${IMPORTS}${USE}use();` });
    const name = format === 'cjs' ? 'bundled.cjs' : 'bundled.mjs';
    await build({
      config: false,
      silent: true,
      entry: { bundled: join(folder, 'program.mjs') },
      outDir: join(folder, 'out'),
      outExtension: () => ({ js: extname(name) }),
      format,
      platform: 'node',
      noExternal: [/residual-vq/],
      splitting: false,
    });
    const elsewhere = temporaryFolder();
    cpSync(join(folder, 'out', name), join(elsewhere, name));
    expect(await node([name], elsewhere)).toBe(PRINTED);
  });
});
