// Runs the built command as a user does: a process of its own, with exit code and both streams.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { bin } from '../../package.json';
import { projectPath } from './data.ts';

/** RVQ_COMMAND: another build of it to test, such as that of an installed package. */
const command = process.env.RVQ_COMMAND ?? projectPath(bin.rvq);

export interface Finished {
  /** The exit code, or null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function commandPath(): string {
  if (!existsSync(command)) throw new Error(`${command} is not there: run npm run build first`);
  return command;
}

export function startRvq(args: readonly string[], { cwd }: { cwd?: string } = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [commandPath(), ...args], { cwd });
}

/** Waits for the end of it. */
export function finish(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export function rvq(args: readonly string[], options: { cwd?: string; input?: string } = {}): Promise<Finished> {
  const child = startRvq(args, options);
  child.stdin.on('error', () => {}); // it may end without having read its input
  child.stdin.end(options.input ?? '');
  return finish(child);
}
