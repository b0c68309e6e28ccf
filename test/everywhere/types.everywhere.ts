// The package's types in strict programs, by compilers old and new.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node, run, writeFiles } from '../support/consumer.ts';
import { projectPath } from '../support/data.ts';
import { TYPED_IMPORTS, TYPED_PAGE, TYPED_REQUIRE } from '../support/typed.ts';
import { SCRIPTS } from './support/entries.ts';
import { folderWith, tool } from './support/scratch.ts';
import { COMPILERS } from './tools.ts';

/** Imports every entry, so that every file of types is read. */
const ALL = SCRIPTS.map((entry, i) => `export * as entry${i} from '${entry}';\n`).join('');

const FILES = { 'all.ts': ALL, 'imports.ts': TYPED_IMPORTS, 'page.ts': TYPED_PAGE };

const STRICT = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };

describe.each(COMPILERS)('%s', (name) => {
  const compiler = tool(`${name}/bin/tsc`);

  it('is what it is called', async () => {
    expect((await node([compiler, '--version'], tool(name))).replace('.', '')).toMatch(new RegExp(`^Version ${name.slice(-2)}\\.`));
  });

  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022', 'DOM'], types: [], require: true },
    { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'ESNext.Disposable'], types: ['node'], require: false },
  ])('compiles strict programs of $module with $lib and $types', async ({ require, ...options }) => {
    const files = require ? { ...FILES, 'package.json': '{"type":"module"}', 'imports.cts': TYPED_IMPORTS, 'requires.cts': TYPED_REQUIRE } : FILES;
    const folder = folderWith('types', files);
    writeFiles(folder, { 'tsconfig.json': JSON.stringify({ compilerOptions: { ...STRICT, ...options }, include: ['*.ts', '*.cts'] }) });
    writeFiles(folder, { 'node_modules/.keep': '' });
    symlinkSync(projectPath('node_modules/@types'), join(folder, 'node_modules/@types'), 'junction');
    await run(process.execPath, [compiler], folder);
  });
});
