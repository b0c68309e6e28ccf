// What the command says, to people and to programs: --json, --quiet, colours, the bar, suggestions.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Codes, randomCodebook } from '../ts/index.ts';
import { writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import { filesIn, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';
import { shell } from './support/shell.ts';

async function smallFolder(): Promise<string> {
  const folder = temporaryFolder();
  const book = randomCodebook({ dim: 4, stages: 3, codewords: 8, seed: 3 });
  const codes: Codes = { data: new Uint8Array(6), rows: 2, stages: 3, codebookId: book.id };
  await writeVectors(join(folder, 'v.npy'), normalRows({ rows: 300, dim: 4 }));
  await writeCodebook(join(folder, 'b.safetensors'), book);
  await writeCodes(join(folder, 'c.npy'), codes, book);
  return folder;
}

const TRAIN = 'rvq train v.npy -o new.safetensors --stages 2 --codewords 100';

/** Every command, and a part of the summary that it should give. */
const COMMANDS: Readonly<Record<string, object>> = {
  [TRAIN]: { output: 'new.safetensors', dim: 4, codewords: [100, 100], bitsPerRow: 14, rows: 300, rowsUsed: 300 },
  [`${TRAIN} --dry-run`]: { dryRun: true, rows: 300, rowsUsed: 300, fileBytes: { codes: 600, packedCodes: 600 } },
  'rvq encode b.safetensors v.npy -o n.npy': { output: 'n.npy', rows: 300, dim: 4, stages: 3, bitsPerRow: 9, packed: false },
  'rvq decode b.safetensors c.npy -o n.fvecs --stages 2': { output: 'n.fvecs', rows: 2, dim: 4, stages: 2 },
  'rvq eval b.safetensors v.npy': { rows: 300, dim: 4, stages: 3, bitsPerRow: 9 },
  'rvq info b.safetensors': { kind: 'codebook', dim: 4, stages: 3 },
  'rvq compare v.npy': { rows: 300, dim: 4, same: true },
  'rvq completion bash': { shell: 'bash' },
};

/** Objects, one a line. */
function objects(text: string): Record<string, unknown>[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

describe.each(Object.keys(COMMANDS))('%s', (line) => {
  it('prints just one object with --json, and objects with a type on stderr', async () => {
    const { code, stdout, stderr } = await shell(`${line} --json`, { cwd: await smallFolder() });
    expect([code, objects(stdout).length]).toEqual([0, 1]);
    expect(objects(stdout)[0]).toMatchObject(COMMANDS[line]);
    for (const { type } of objects(stderr)) expect(['note', 'warning', 'progress']).toContain(type);
    if (line === TRAIN) expect(objects(stderr)).toContainEqual({ type: 'warning', message: expect.stringContaining('39') });
  });

  it('says nothing on stderr with --quiet', async () => {
    expect(await shell(`${line} --quiet`, { cwd: await smallFolder() })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--json', () => {
  it('with --quiet leaves the summary alone', async () => {
    const { stdout, stderr } = await shell('rvq encode b.safetensors v.npy -o n.npy -q --json', { cwd: await smallFolder() });
    expect([objects(stdout).length, stderr]).toEqual([1, '']);
  });

  it('puts the summary on stderr where stdout is for the data', async () => {
    const { stdout, stderr } = await shell('rvq encode b.safetensors v.npy -o - --json | wc -c', { cwd: await smallFolder() });
    expect(stdout).toBe('900\n');
    expect(objects(stderr)).toEqual([expect.objectContaining({ type: 'summary', output: '-', rows: 300 })]);
  });

  it('tells what went wrong as an object, even with --quiet', async () => {
    const folder = await smallFolder();
    const error = async (line: string) => {
      const { code, stdout, stderr } = await shell(line, { cwd: folder });
      const [object, ...others] = objects(stderr);
      expect([stdout, others]).toEqual(['', []]);
      expect(object).toMatchObject({ type: 'error', exitCode: code, message: expect.any(String) });
      return object;
    };
    expect(await error('rvq eval none.safetensors v.npy --json --quiet')).toMatchObject({
      exitCode: 3,
      code: 'FILE_ACCESS',
      subject: 'none.safetensors',
    });
    expect(await error('rvq eval b.safetensors --json')).toMatchObject({
      exitCode: 2,
      message: "missing required argument 'vectors' (see rvq help eval)",
    });
    expect(await error('rvq encod --json')).toMatchObject({ exitCode: 2 });
    expect(await error('rvq encode b.safetensors v.npy -o none/c.npy --json')).toMatchObject({
      exitCode: 1,
      message: 'none/c.npy: cannot write: no such file or folder',
    });
    expect(filesIn(folder)).toEqual(['b.safetensors', 'c.npy', 'v.npy']);
  });

  it('reports progress of long work once a second', async () => {
    const folder = await smallFolder();
    await writeVectors(join(folder, 'long.npy'), normalRows({ rows: 25_000, dim: 4 }));
    await writeCodebook(join(folder, 'large.safetensors'), randomCodebook({ dim: 4, stages: 16, codewords: 256, seed: 1 }));
    const { stderr } = await shell('rvq encode large.safetensors long.npy -o n.npy --beam 16 --json', { cwd: folder });
    const reports = objects(stderr).filter(({ type }) => type === 'progress');
    expect(reports.length).toBeGreaterThan(0);
    for (const report of reports) expect(report).toMatchObject({ task: 'encoding', rows: expect.any(Number), fraction: expect.any(Number) });
  });
});

describe('colours', () => {
  const CSI = '\x1b[';
  it('are where they are asked for, and nowhere else', async () => {
    const folder = await smallFolder();
    const says = async (env: Record<string, string>) => {
      const { stdout } = await shell('rvq help train', { cwd: folder, env });
      const { stderr } = await shell('rvq encode b.safetensors v.npy -o n.npy', { cwd: folder, env });
      return [stdout.includes(CSI), stderr.includes(CSI)];
    };
    expect(await says({})).toEqual([false, false]);
    expect(await says({ FORCE_COLOR: '1' })).toEqual([true, true]);
    expect(await says({ FORCE_COLOR: '0' })).toEqual([false, false]);
    expect(await says({ FORCE_COLOR: '1', NO_COLOR: '1' })).toEqual([false, false]);
  });

  it('are never in JSON', async () => {
    const { stdout, stderr } = await shell(`${TRAIN} --json`, { cwd: await smallFolder(), env: { FORCE_COLOR: '1' } });
    expect(stdout + stderr).not.toContain(CSI);
  });
});

/** `script` of util-linux gives a program a terminal. Elsewhere there are others, with other options. */
const hasScript = process.platform === 'linux' && existsSync('/usr/bin/script');

describe.skipIf(!hasScript)('on a terminal', () => {
  async function onTerminal(line: string, env: Record<string, string> = {}): Promise<string> {
    const folder = await smallFolder();
    await writeVectors(join(folder, 'long.npy'), normalRows({ rows: 25_000, dim: 4 }));
    await writeCodebook(join(folder, 'large.safetensors'), randomCodebook({ dim: 4, stages: 16, codewords: 256, seed: 1 }));
    writeFileSync(join(folder, 'line.sh'), `stty cols 100; ${line}`);
    const { stdout } = await shell('script -qec "bash line.sh" /dev/null < /dev/null', { cwd: folder, env: { TERM: 'xterm', ...env } });
    return stdout.replaceAll('\x1b[', '<'); // what a terminal is told is written as <K and <32m
  }
  const LONG = 'rvq encode large.safetensors long.npy -o n.npy --beam 16';

  it('a bar tells how much is done, rows a second and the time left, and goes away', async () => {
    const text = await onTerminal(LONG);
    expect(text).toMatch(/\r\[<32m#*<39m\.*\] +\d+ % {2}encoding, [\d,]+ rows a second/);
    expect(text).toMatch(/ left<K/);
    expect(text).toMatch(/\r<K<2mrvq:<22m wrote n\.npy/);
    for (const drawn of text.split('\r').filter((part) => part.startsWith('['))) {
      expect(drawn.replace(/<\d*[mK]/g, '').trimEnd().length).toBeLessThan(100);
    }
  });

  it('it has no colours with NO_COLOR, and is not there with --quiet, --json or on a dumb terminal', async () => {
    const plain = await onTerminal(LONG, { NO_COLOR: '1' });
    expect(plain).toContain('] ');
    expect(plain).not.toMatch(/<\d+m/);
    expect(await onTerminal(`${LONG} --quiet`)).toBe('');
    expect(await onTerminal(`${LONG} --json`)).not.toContain('\r[');
    expect(await onTerminal(LONG, { TERM: 'dumb' })).not.toContain('<');
  });
});

describe('did you mean', () => {
  it.each([
    ['rvq trian', 'train'],
    ['rvq enc', 'encode'],
    ['rvq quantise', undefined],
    ['rvq encode b.safetensors v.npy -o n.npy --bean 4', '--beam'],
    ['rvq train v.npy -o n.safetensors --stagse 3 --codewords 4', '--stages'],
    ['rvq train v.npy --ouput n.safetensors --stages 3 --codewords 4', '--output'],
    ['rvq train v.npy -o n.safetensors --stages 3 --codewords 4 --init k-mean++', 'k-means++'],
    ['rvq train v.npy -o n.safetensors --stages 3 --codewords 4 --init RANDOM', 'random'],
    ['rvq train v.npy -o n.safetensors --stages 3 --codewords 4 --init whatever', undefined],
    ['rvq completion bsh', 'bash'],
    ['rvq completion fisch', 'fish'],
  ])('%s', async (line, meant) => {
    const { code, stdout, stderr } = await shell(line, { cwd: await smallFolder() });
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    if (meant === undefined) expect(stderr).not.toContain('Did you mean');
    else expect(stderr).toContain(`(Did you mean ${meant}?)`);
  });
});
