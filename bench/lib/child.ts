// Fresh node processes, for what can be measured only once in a process.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where the loader of process.execArgv is found. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a file of bench/children in a process of its own, with one argument as JSON; returns what it printed, from JSON. */
export async function runChild<T>(name: string, argument: unknown): Promise<T> {
  const path = fileURLToPath(new URL(`../children/${name}.ts`, import.meta.url));
  const { stdout } = await execute(process.execPath, [...process.execArgv, path, JSON.stringify(argument)], { cwd: ROOT });
  return JSON.parse(stdout) as T;
}
