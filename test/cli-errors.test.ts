import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomCodebook } from '../ts/model/codebook.ts';
import { matrix } from '../ts/model/matrix.ts';
import { writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import { finish, rvq, startRvq } from './support/command.ts';
import { projectPath } from './support/data.ts';
import { filesIn, fixturePath, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

async function smallFolder(): Promise<string> {
  const folder = temporaryFolder();
  const book = randomCodebook({ dim: 4, stages: 3, codewords: 8, seed: 3 });
  await writeVectors(join(folder, 'v.fvecs'), normalRows({ rows: 50, dim: 4 }));
  await writeCodebook(join(folder, 'b.safetensors'), book);
  await writeCodebook(join(folder, 'other.safetensors'), randomCodebook({ dim: 4, stages: 3, codewords: 8, seed: 4 }));
  await writeCodes(join(folder, 'c.safetensors'), { data: new Uint8Array(6), rows: 2, stages: 3, codebookId: book.id }, book);
  return folder;
}

/** Runs it, and checks that it failed with this code, one line on stderr (after a note, where it had begun), nothing on stdout, and the folder as it was. */
async function failure(code: number, args: readonly string[], cwd: string): Promise<string> {
  const before = filesIn(cwd);
  const finished = await rvq(args, { cwd });
  const lines = finished.stderr.trimEnd().split('\n');
  expect({ args, code: finished.code, stdout: finished.stdout }).toEqual({ args, code, stdout: '' });
  expect(lines.filter((line) => !line.startsWith('rvq: '))).toEqual([]);
  expect(lines.slice(0, -1).join()).toMatch(/^(rvq: training [^,]*)?$/);
  expect(filesIn(cwd)).toEqual(before);
  return lines[lines.length - 1];
}

const train = ['train', 'v.fvecs', '-o', 'new.safetensors', '--stages', '2', '--codewords', '8'];
const encode = ['encode', 'b.safetensors', 'v.fvecs', '-o', 'new.safetensors'];
const decode = ['decode', 'b.safetensors', 'c.safetensors', '-o', 'new.fvecs'];

describe('wrong usage ends with 2 and one line that says what to do', () => {
  it.each<[string[], RegExp]>([
    [['search', 'b', 'c', 'q'], /unknown command 'search'.*\(see rvq help\)$/],
    [['train'], /required option '-o, --output <file>' not specified \(see rvq help train\)$/],
    [['train', '-o', 'n.safetensors', '--stages', '2', '--codewords', '8'], /missing required argument 'vectors'/],
    [['train', 'v.fvecs', '-o', 'new.safetensors', '--codewords', '8'], /required option '--stages <n>'/],
    [[...train, 'more'], /too many arguments/],
    [[...train, '--cores', '2'], /unknown option '--cores'/],
    [['info'], /missing required argument 'file'/],
    [['eval', 'b.safetensors'], /missing required argument 'vectors'/],
  ])('%j', async (args, line) => {
    expect(await failure(2, args, await smallFolder())).toMatch(line);
  });

  it('names options as they are called here', async () => {
    const folder = await smallFolder();
    expect(await failure(2, [...encode, '--beam', '64'], folder)).toMatch(/^rvq: --beam: expected at most \d+, /);
    writeFileSync(join(folder, 'v.f32'), new Uint8Array(64));
    const raw = ['train', 'v.f32', ...train.slice(2)];
    expect(await failure(2, raw, folder)).toBe('rvq: --dim: expected the number of floats a row, which v.f32 does not say, got none');
  });

  it('refuses numbers that are none, or out of range', async () => {
    const folder = await smallFolder();
    for (const value of ['8x', '', ' 8', '1e99', '-1', '0', '1.5', '65536', '0x8', 'NaN', '9'.repeat(30)]) {
      expect(await failure(2, [...train, `--stages=${value}`], folder)).toMatch(
        /'--stages <n>' argument '.*' is invalid. Expected an integer from 1 to 1,000 \(see/,
      );
    }
    expect(await failure(2, [...train, '--stages', '-1'], folder)).toMatch(/argument '-1' is invalid/);
    for (const value of ['8,', '0', '65537', 'many', '8;8', '8,0']) {
      expect(await failure(2, [...train, '--codewords', value], folder)).toMatch(/Expected the codewords of a stage, from 1 to 65,536/);
    }
    for (const [option, value] of [
      ['--iterations', '-1'],
      ['--seed', '4294967296'],
      ['--tolerance', '1.5'],
      ['--tolerance', '-0.1'],
      ['--max-rows-per-codeword', '0'],
      ['--beam', '0'],
      ['--init', 'best'],
      ['--threads', '0'],
      ['--threads', '257'],
      ['--threads', 'all'],
    ]) {
      expect(await failure(2, [...train, option, value], folder)).toContain(`'${value}' is invalid`);
    }
    expect(await failure(2, [...train, '--codewords', '8,8,8'], folder)).toMatch(/expected one number, or one for each of the 2 stages, got 3/);
    expect(await failure(2, [...decode, '--stages', '4'], folder)).toMatch(/--stages: expected 1 to 3, as many as b.safetensors has, got 4/);
  });

  it('refuses what is not there yet instead of ignoring it', async () => {
    const folder = await smallFolder();
    expect(await failure(2, [...train, '--beam', '65'], folder)).toMatch(/--beam/);
    expect(await failure(2, [...train, '--refine', '-1'], folder)).toMatch(/--refine/);
  });

  it('refuses names that it cannot write, before it reads anything', async () => {
    const folder = await smallFolder();
    expect(await failure(2, ['train', 'none.fvecs', '-o', 'b.npy', '--stages', '1', '--codewords', '2'], folder)).toMatch(
      /b\.npy: expected a name that ends in \.safetensors, as a codebook to write has$/,
    );
    expect(await failure(2, ['encode', 'none.safetensors', 'none.fvecs', '-o', 'c.fvecs'], folder)).toMatch(
      /\.safetensors, \.npy, \.faissindex, \.faiss or \.index, as a file of codes has$/,
    );
    expect(await failure(2, ['decode', 'none.safetensors', 'c.npy', '-o', 'v.txt'], folder)).toMatch(/v\.txt: expected a name that ends in/);
    expect(await failure(2, [...encode.slice(0, 4), 'c.npy', '--packed'], folder)).toMatch(/--packed: only .safetensors files hold packed codes/);
    expect(await failure(2, ['info', 'picture.jpg'], folder)).toMatch(/picture\.jpg: expected a name that ends in/);
    expect(await failure(2, [...train, '--tensor', 'x'], folder)).toMatch(
      /--tensor: expected none with v\.fvecs: it is for \.safetensors files, got "x"/,
    );
  });

  it('refuses to write over its input, whatever the path', async () => {
    const folder = await smallFolder();
    symlinkSync('b.safetensors', join(folder, 'link.safetensors'));
    const before = readFileSync(join(folder, 'b.safetensors'));
    for (const output of ['b.safetensors', './b.safetensors', 'link.safetensors']) {
      expect(await failure(2, ['encode', 'b.safetensors', 'v.fvecs', '-o', output], folder)).toMatch(/is the input b.safetensors; name another file/);
    }
    expect(await failure(2, ['decode', 'b.safetensors', 'c.safetensors', '-o', 'c.safetensors'], folder)).toMatch(/is the input c.safetensors/);
    expect(readFileSync(join(folder, 'b.safetensors'))).toEqual(before);
  });
});

describe('bad input ends with 3', () => {
  it('where a file is missing, foreign or cut', async () => {
    const folder = await smallFolder();
    copyFileSync(fixturePath('be.npy'), join(folder, 'cut.npy'));
    truncateSync(join(folder, 'cut.npy'), 187);
    copyFileSync(join(folder, 'b.safetensors'), join(folder, 'cut.safetensors'));
    truncateSync(join(folder, 'cut.safetensors'), 300);
    expect(await failure(3, ['info', 'none.fvecs'], folder)).toBe('rvq: none.fvecs: cannot read: no such file or folder');
    expect(await failure(3, ['info', 'cut.npy'], folder)).toMatch(
      /cut\.npy: byte 128: expected 60 bytes for f4 of shape .*, got 59 bytes to the end of the file$/,
    );
    expect(await failure(3, ['info', 'cut.safetensors'], folder)).toMatch(/cut\.safetensors: .*expected .*, got /);
    expect(await failure(3, ['eval', 'c.safetensors', 'v.fvecs'], folder)).toMatch(/expected "residual-vq codebook", got "residual-vq codes"$/);
    expect(await failure(3, ['encode', 'none.safetensors', 'v.fvecs', '-o', 'n.npy'], folder)).toMatch(/none\.safetensors: cannot read/);
  });

  it('where vectors are not finite, of another dim, too few, or none', async () => {
    const folder = await smallFolder();
    await writeVectors(
      join(folder, 'nan.npy'),
      matrix([
        [0, 0, 0, 0],
        [1, 2, Number.NaN, 4],
      ]),
    );
    await writeVectors(join(folder, 'three.npy'), matrix([[1, 2, 3]]));
    await writeVectors(join(folder, 'none.npy'), matrix(new Float32Array(), 4));
    for (const args of [
      ['encode', 'b.safetensors', 'nan.npy', '-o', 'n.npy'],
      ['train', 'nan.npy', ...train.slice(2)],
      ['eval', 'b.safetensors', 'nan.npy'],
    ]) {
      expect(await failure(3, args, folder)).toBe('rvq: nan.npy: row 1, element 2: expected a finite float32, got NaN');
    }
    expect(await failure(3, ['eval', 'b.safetensors', 'three.npy'], folder)).toMatch(
      /three\.npy: expected rows of dim 4, as the codebook has, got dim 3$/,
    );
    expect(await failure(3, ['eval', 'b.safetensors', 'none.npy'], folder)).toBe('rvq: none.npy: expected at least one row, got none');
    expect(await failure(3, [...train, '--codewords', '51'], folder)).toMatch(/50 rows cannot train 51 codewords/);
  });

  it('where codes belong to another codebook', async () => {
    const folder = await smallFolder();
    const line = await failure(3, ['decode', 'other.safetensors', 'c.safetensors', '-o', 'n.fvecs'], folder);
    expect(line).toMatch(/^rvq: c\.safetensors: made with codebook [0-9a-f]{32}, not with the one given, [0-9a-f]{32}$/);
  });

  it('where the values do not fit the file, which stays as it was', async () => {
    const folder = await smallFolder();
    writeFileSync(join(folder, 'n.bvecs'), 'old');
    expect(await failure(3, ['decode', 'b.safetensors', 'c.safetensors', '-o', 'n.bvecs'], folder)).toMatch(
      /^rvq: n\.bvecs: row 0, element 0: expected an integer from 0 to 255/,
    );
    expect(readFileSync(join(folder, 'n.bvecs'), 'utf8')).toBe('old');
  });
});

describe('an output that cannot be written ends with 1', () => {
  it('before the training, where its folder is none', async () => {
    const folder = await smallFolder();
    mkdirSync(join(folder, 'folder.safetensors'));
    for (const [output, reason] of [
      ['none/n.safetensors', 'no such file or folder'],
      ['v.fvecs/n.safetensors', 'a part of the path is a file, not a folder'],
      ['folder.safetensors', 'is a folder, not a file'],
    ]) {
      const args = ['train', 'not-even-read.fvecs', '-o', output, '--stages', '1', '--codewords', '2'];
      expect(await failure(1, args, folder)).toBe(`rvq: ${output}: cannot write: ${reason}`);
    }
  });

  it.skipIf(!existsSync('/dev/full'))('where the disk is full', async () => {
    const folder = await smallFolder();
    symlinkSync('/dev/full', join(folder, 'full.fvecs'));
    expect(await failure(1, [...decode.slice(0, 4), 'full.fvecs'], folder)).toBe('rvq: full.fvecs: cannot write: no space left on the device');
  });
});

describe('interrupted', () => {
  it.each([
    ['SIGINT', 130, 'rvq: interrupted, nothing was written'],
    ['SIGTERM', 143, 'rvq: terminated, nothing was written'],
  ] as const)('by %s in the middle of training it ends with %i and leaves no file', async (signal, code, line) => {
    const folder = temporaryFolder();
    const args = [
      'train',
      projectPath('data/sift-train.bvecs'),
      '-o',
      'n.safetensors',
      '--stages',
      '64',
      '--codewords',
      '256',
      '--iterations',
      '1000',
    ];
    const child = startRvq(args, { cwd: folder });
    const finished = finish(child);
    child.stderr.on('data', (text: string) => {
      if (text.includes('stage 1 of 64')) child.kill(signal);
    });
    expect(await finished).toMatchObject({ code, signal: null, stdout: '', stderr: expect.stringMatching(new RegExp(`\n${line}\n$`)) });
    expect(filesIn(folder)).toEqual([]);
  });

  it.each(['1', '2'])('after the codebook was written it says that the report is missing, on %s threads', async (threads) => {
    const folder = temporaryFolder();
    const args = [
      '-o',
      'n.safetensors',
      '--stages',
      '16',
      '--codewords',
      '256',
      '--iterations',
      '0',
      '--max-rows-per-codeword',
      '8',
      '--report',
      'r.html',
    ];
    const child = startRvq(['train', projectPath('data/sift-train.bvecs'), ...args, '--checkpoint', 'c.safetensors', '--threads', threads], {
      cwd: folder,
    });
    const finished = finish(child);
    child.stderr.on('data', (text: string) => {
      if (text.includes('wrote n.safetensors')) child.kill('SIGINT');
    });
    const { code, stderr } = await finished;
    expect([code, stderr.split('\n').at(-2)]).toEqual([130, 'rvq: interrupted, n.safetensors is written, r.html not']);
    expect(filesIn(folder).sort()).toEqual(['c.safetensors', 'n.safetensors']);
  });

  it('by a reader that goes away it ends quietly', async () => {
    const child = startRvq(['help', 'train']);
    child.stdout.destroy();
    expect(await finish(child)).toMatchObject({ code: 0, stderr: '' });
  });
});
