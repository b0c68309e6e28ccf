// Before the tests of `npm run test:everywhere`: the package as npm would publish it, installed into a scratch project beside every
// runtime, bundler and compiler that it is tried with. None of them is in the project's own manifest.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { name, version } from '../../package.json';
import { node, run } from '../support/consumer.ts';
import { projectPath } from '../support/data.ts';
import { entriesModule } from './support/entries.ts';
import { TOOLS } from './tools.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The scratch project. */
    scratch: string;
  }
}

/** RVQ_SCRATCH names a folder that is kept, so that the next run need not install the tools again. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const kept = process.env.RVQ_SCRATCH;
  const scratch = kept ?? mkdtempSync(join(tmpdir(), 'rvq-everywhere-'));
  mkdirSync(scratch, { recursive: true });
  await run('bash', ['scripts/setup-browsers.sh'], projectPath('.'));
  await installTools(scratch);
  await installPackage(scratch);
  const programs = join(scratch, 'programs');
  cpSync(projectPath('test/everywhere/programs'), programs, { recursive: true });
  writeFileSync(join(programs, 'entries.js'), entriesModule());
  provide('scratch', scratch);
  provide('expected', await node(['runtime.mjs'], programs));
  return () => {
    if (kept === undefined) rmSync(scratch, { recursive: true, force: true });
  };
}

async function installTools(scratch: string): Promise<void> {
  const manifest = `${JSON.stringify({ name: 'scratch', private: true, type: 'module', dependencies: TOOLS }, null, 2)}\n`;
  const path = join(scratch, 'package.json');
  const done = join(scratch, 'installed.json'); // what was installed to the end
  if (existsSync(done) && readFileSync(done, 'utf8') === manifest) return;
  console.log(`installing ${Object.keys(TOOLS).length} tools into ${scratch}`);
  writeFileSync(path, manifest);
  await run('npm', ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'], scratch);
  await node([join(scratch, 'node_modules/bun/install.js')], join(scratch, 'node_modules/bun')); // puts the program in its place
  writeFileSync(done, manifest);
}

async function installPackage(scratch: string): Promise<void> {
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch], projectPath('.'));
  rmSync(join(scratch, 'node_modules', name), { recursive: true, force: true });
  const tarball = `./${name}-${version}.tgz`;
  await run('npm', ['install', '--offline', '--no-save', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', tarball], scratch);
}
