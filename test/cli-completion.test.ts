// rvq completion: what shells offer is what the help tells of, tried in the shells themselves.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { finish, rvq } from './support/command.ts';
import { temporaryFolder } from './support/files.ts';
import { shell, startShell } from './support/shell.ts';

const isInstalled = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

const scripts: Record<string, string> = {};
const helps: Record<string, string> = {};
let commands: string[] = [];

beforeAll(async () => {
  const help = (await rvq(['--help'])).stdout;
  commands = [...help.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name).filter((name) => name !== 'rvq');
  for (const name of commands) helps[name] = (await rvq(['help', name])).stdout;
  for (const name of ['bash', 'zsh', 'fish']) scripts[name] = (await rvq(['completion', name])).stdout;
}, 60_000);

/** A folder with a file of every kind, and the scripts, which no command reads. */
function folderWithFiles(): string {
  const folder = temporaryFolder();
  for (const name of ['vectors.npy', 'with space.fvecs', 'book.safetensors', 'report.html', 'notes.txt']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'sub'));
  for (const [name, script] of Object.entries(scripts)) writeFileSync(join(folder, `rvq.${name}`), script);
  return folder;
}

/** The options in a help text. */
function optionsIn(help: string): string[] {
  return [...help.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) => (short === undefined ? [long] : [short, long]));
}

const VECTORS = ['sub', 'vectors.npy', 'with space.fvecs', 'book.safetensors'];

/** What is offered for the last of some words. Files come with folders, which may hold some. */
const OFFERS: [words: string[], offered: string[]][] = [
  [['t'], ['train']],
  [['comp'], ['compare', 'completion']],
  [['train', ''], VECTORS],
  [['train', 'vec'], ['vectors.npy']],
  [['train', '-q', ''], VECTORS],
  [
    ['train', '--init', ''],
    ['k-means++', 'random', 'normal'],
  ],
  [['train', '--report', 're'], ['report.html']],
  [
    ['encode', ''],
    ['sub', 'book.safetensors'],
  ],
  [['encode', '--beam', '3', 'book.safetensors', ''], VECTORS],
  [
    ['encode', 'book.safetensors', 'vectors.npy', '-o', ''],
    ['sub', 'vectors.npy', 'book.safetensors'],
  ],
  [['encode', 'book.safetensors', 'vectors.npy', '--dim', ''], []],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'ev'], ['eval']],
  [
    ['train', '--sta'],
    ['--stages', '--start'],
  ],
  [
    ['spark', ''],
    ['train', 'encode', 'decode', 'eval'],
  ],
  [
    ['spark', 'encode', ''],
    ['sub', 'book.safetensors'],
  ],
  [
    ['spark', 'train', 'rows', '--sta'],
    ['--stages', '--start'],
  ],
  [['spark', 'train', 'rows', '--checkpoint', 'note'], ['notes.txt']],
];

describe('bash', () => {
  async function offered(words: readonly string[], cwd: string): Promise<string[]> {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = await shell(
      `source rvq.bash; COMP_WORDS=(rvq ${quoted}); COMP_CWORD=${words.length}; _rvq; printf '%s\\n' "\${COMPREPLY[@]}"`,
      { cwd },
    );
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  it.each(OFFERS)('for %j offers %j', async (words, expected) => {
    expect((await offered(words, folderWithFiles())).sort()).toEqual([...expected].sort());
  });

  it('takes --option=value for one', async () => {
    const folder = folderWithFiles();
    expect(await offered(['train', '--init', '='], folder)).toEqual(['k-means++', 'random', 'normal']);
    expect(await offered(['train', '--init', '=', 'r'], folder)).toEqual(['random']);
    expect(await offered(['encode', '--beam', '=', '3', 'book.safetensors', 'v'], folder)).toEqual(['vectors.npy']);
  });

  it('offers every command, and every option that its help tells of', async () => {
    const folder = folderWithFiles();
    expect(commands.length).toBeGreaterThan(7);
    expect((await offered([''], folder)).sort()).toEqual([...commands].sort());
    for (const name of commands.filter((command) => command !== 'help')) {
      expect(optionsIn(helps[name]).length).toBeGreaterThan(3);
      expect((await offered([name, '-'], folder)).sort(), name).toEqual(optionsIn(helps[name]).sort());
    }
  });
});

describe.skipIf(!isInstalled('fish'))('fish', () => {
  async function offered(words: readonly string[], cwd: string): Promise<string[]> {
    const { stdout, stderr } = await shell(`fish -N -c 'source rvq.fish; complete -C "rvq ${words.join(' ')}"'`, { cwd });
    expect(stderr).toBe('');
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : line.split('\t')[0].replace(/\/$/, '')));
  }

  it.each(OFFERS)('for %j offers %j', async (words, expected) => {
    expect((await offered(words, folderWithFiles())).sort()).toEqual([...expected].sort());
  });

  it('offers every command, and every option that its help tells of', async () => {
    const folder = folderWithFiles();
    expect((await offered([''], folder)).sort()).toEqual([...commands].sort());
    for (const name of commands.filter((command) => command !== 'help')) {
      const long = optionsIn(helps[name]).filter((option) => option.startsWith('--'));
      expect((await offered([name, '--'], folder)).sort(), name).toEqual(long.sort());
    }
  });
});

describe.skipIf(!isInstalled('zsh') || !isInstalled('script'))('zsh', () => {
  /** What is typed, with tabs, as the words that arrive at the command. */
  async function typed(lines: readonly string[], cwd: string): Promise<string[]> {
    const child = startShell("script -qec 'zsh -f -i' /dev/null", { cwd, env: { TERM: 'dumb' } });
    const finishing = finish(child);
    let shown = '';
    child.stdout.on('data', (text: string) => {
      shown += text;
    });
    const ready = async (mark: string) => {
      for (let i = 0; i < 1000 && !shown.includes(mark); i++) await wait(20);
    };
    child.stdin.write('autoload -Uz compinit; compinit -u -D; source rvq.zsh; rvq() { print -r -- "go""t: $*;" }; print REA""DY\n');
    await ready('READY');
    for (const [i, line] of lines.entries()) {
      child.stdin.write(line); // and not yet its end, which would come before zsh has completed
      await wait(500);
      child.stdin.write(`\nprint DO""NE${i}\n`);
      await ready(`DONE${i}`);
    }
    child.stdin.end('exit\n');
    await finishing;
    return [...shown.matchAll(/got: (.*?) ?;/g)].map(([, words]) => words);
  }

  it('completes commands, options, choices and files', async () => {
    const lines = ['rvq tr\twi\t--ini\tk\t', 'rvq enc\tbo\tvec\t-o bo\t', 'rvq compl\tf\t', 'rvq help ev\t', 'rvq train vectors.npy --report r\t'];
    expect(await typed(lines, folderWithFiles())).toEqual([
      'train with space.fvecs --init=k-means++',
      'encode book.safetensors vectors.npy -o book.safetensors',
      'completion fish',
      'help eval',
      'train vectors.npy --report report.html',
    ]);
  });
});
