// Lines of a shell, with `rvq` as the built command: pipes, redirections and what else a user does.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { commandPath, type Finished, finish } from './command.ts';
import { temporaryFolder } from './files.ts';

export interface ShellOptions {
  readonly cwd: string;
  /** Added to the environment, which knows neither of colours nor of a terminal's kind. */
  readonly env?: Readonly<Record<string, string>>;
}

const UNSET = ['NO_COLOR', 'FORCE_COLOR', 'TERM', 'NODE_OPTIONS', 'COLUMNS'];

/** A folder with `rvq` in it. */
function tools(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'rvq'), `#!/bin/sh\nexec '${process.execPath}' '${commandPath()}' "$@"\n`, { mode: 0o755 });
  return folder;
}

export function startShell(line: string, { cwd, env = {} }: ShellOptions): ChildProcessWithoutNullStreams {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !UNSET.includes(name)));
  return spawn('bash', ['-c', line], { cwd, env: { ...inherited, ...env, PATH: [tools(), process.env.PATH].join(delimiter) } });
}

export function shell(line: string, options: ShellOptions): Promise<Finished> {
  const child = startShell(line, options);
  child.stdin.end();
  return finish(child);
}
