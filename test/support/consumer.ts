// Programs as a user has them: in a folder of their own, with the package in node_modules, compiled by tsc, run by Node.
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectPath } from './data.ts';

const execFileAsync = promisify(execFile);

/** Runs a program to its end. Where it fails, the error shows both of its streams. */
export async function run(command: string, args: readonly string[], cwd: string, path: readonly string[] = []): Promise<string> {
  const options = { cwd, env: { ...userEnvironment(), PATH: [...path, process.env.PATH].join(delimiter) }, shell: process.platform === 'win32' };
  try {
    return (await execFileAsync(command, args, options)).stdout;
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error;
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** The environment without what `npm test` tells its children of this project. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_ENV$|VITEST)/i.test(name)));
}

export function node(args: readonly string[], cwd: string): Promise<string> {
  return run(process.execPath, args, cwd);
}

/** Checks, and where the options say so emits, the .ts files below `cwd`. */
export async function tsc(cwd: string, compilerOptions: Record<string, unknown>): Promise<void> {
  const strict = {
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: false,
    skipLibCheck: false,
    types: [],
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strict, ...compilerOptions } }));
  await node([projectPath('node_modules/typescript/bin/tsc')], cwd);
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Makes `residual-vq` in `folder` the package as it was built here: what its "exports" name, not the sources. */
export function linkPackage(folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(projectPath('.'), join(folder, 'node_modules/residual-vq'), 'junction');
}
