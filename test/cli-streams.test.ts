// The command in pipes and on files that are read while they are written of: rows come and go block by block.
import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decode, encode, evaluate, matrix, pack, randomCodebook, train } from '../ts/index.ts';
import { readCodebook, readCodes, readVectors, writeCodebook, writeVectors } from '../ts/node/index.ts';
import { bitsOf } from './support/bits.ts';
import { finish, rvq } from './support/command.ts';
import { filesIn, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';
import { shell, startShell } from './support/shell.ts';

const dim = 64;
const book = randomCodebook({ dim, stages: 3, codewords: [16, 300, 8], seed: 3 });
/** Three blocks of 8,192 rows, the last of which is not full. */
const rows = normalRows({ rows: 20_000, dim });
const codes = encode(book, rows);

async function folderWith(...names: ('rows.npy' | 'rows.fvecs' | 'rows.f32' | 'book.safetensors')[]): Promise<string> {
  const folder = temporaryFolder();
  for (const name of names) {
    if (name === 'book.safetensors') await writeCodebook(join(folder, name), book);
    else await writeVectors(join(folder, name), rows);
  }
  return folder;
}

async function done(line: string, cwd: string): Promise<string> {
  const { code, stdout, stderr } = await shell(`set -o pipefail; ${line}`, { cwd });
  expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' });
  return stdout;
}

/** A .npy of zeros that takes no room on the disk. */
function writeZeros(path: string, count: number): void {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dim}), }`;
  const file = openSync(path, 'w');
  writeSync(file, Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1'));
  ftruncateSync(file, 128 + 4 * count * dim);
  closeSync(file);
}

describe('standard input and output', () => {
  it('are raw float32 and bare codes, which are those of files', async () => {
    const folder = await folderWith('rows.f32', 'book.safetensors');
    await done('rvq encode book.safetensors - -o codes.bin.safetensors < rows.f32', folder);
    expect(bitsOf(await readCodes(join(folder, 'codes.bin.safetensors'), book))).toEqual(bitsOf(codes));
    await done('cat rows.f32 | rvq encode book.safetensors - -o - > plain.raw', folder);
    expect(readFileSync(join(folder, 'plain.raw')).equals(Buffer.from(codes.data.buffer))).toBe(true);
    await done('rvq encode book.safetensors rows.f32 -o - --packed > packed.raw', folder);
    expect(readFileSync(join(folder, 'packed.raw')).equals(Buffer.from(pack(codes, book)))).toBe(true);
    await done('rvq decode book.safetensors - -o plain.npy < plain.raw', folder);
    await done('rvq decode book.safetensors - --packed -o - --stages 2 < packed.raw > packed.f32', folder);
    expect(bitsOf(await readVectors(join(folder, 'plain.npy')))).toEqual(bitsOf(decode(book, codes)));
    expect(bitsOf(await readVectors(join(folder, 'packed.f32'), { dim }))).toEqual(bitsOf(decode(book, codes, { stages: 2 })));
  });

  it('refuse files with a format by what they begin with', async () => {
    const folder = await folderWith('rows.npy', 'book.safetensors');
    await done('rvq encode book.safetensors rows.npy -o c.safetensors -q; rvq encode book.safetensors rows.npy -o c.npy --quiet', folder);
    const said = async (line: string) => {
      const { code, stderr } = await shell(line, { cwd: folder });
      return [code, stderr.replace('rvq: standard input: byte 0: expected ', '').trimEnd()];
    };
    const codes = (packed: string) => `bare codes, ${packed}, as encode -o - gives them, got a`;
    expect(await said('rvq decode book.safetensors - -o r.npy < c.safetensors')).toEqual([
      3,
      `${codes('plain')} .safetensors file: pass it by its name`,
    ]);
    expect(await said('rvq decode book.safetensors - -o r.npy --packed < c.npy')).toEqual([3, `${codes('packed')} .npy file: pass it by its name`]);
    const floats = 'raw float32, little-endian, rows after rows, got a .npy file: pass it by its name';
    expect(await said('rvq encode book.safetensors - -o r.npy < rows.npy')).toEqual([3, floats]);
    expect(filesIn(folder)).toEqual(['book.safetensors', 'c.npy', 'c.safetensors', 'rows.npy']);
  });

  it('go through pipes of several commands', async () => {
    const folder = await folderWith('rows.npy', 'book.safetensors');
    const line = 'rvq encode book.safetensors rows.npy -o - -q | rvq decode book.safetensors - -o - -q | rvq eval book.safetensors - --json -q';
    const { seconds, ...evaluation } = JSON.parse(await done(line, folder));
    expect(seconds).toBeGreaterThan(0);
    expect(evaluation).toEqual(evaluate(book, decode(book, codes)));
  });

  it('train as files do', async () => {
    const folder = await folderWith('rows.f32');
    const flags = '--stages 2 --codewords 16 --iterations 2 --max-rows-per-codeword 100';
    await done(`rvq train - --dim ${dim} -o a.safetensors ${flags} < rows.f32`, folder);
    await done(`rvq train rows.f32 --dim ${dim} -o - ${flags} > b.safetensors`, folder);
    const { codebook } = await train(rows, { stages: 2, codewords: 16, iterations: 2, maxRowsPerCodeword: 100 });
    expect((await readCodebook(join(folder, 'a.safetensors'))).id).toBe(codebook.id);
    expect(readFileSync(join(folder, 'b.safetensors')).equals(readFileSync(join(folder, 'a.safetensors')))).toBe(true);
  });

  it('need the dim where nothing else says it, and whole rows, one at least', async () => {
    const folder = await folderWith('rows.f32', 'book.safetensors');
    const failed = async (line: string) => {
      const { code, stdout, stderr } = await shell(line, { cwd: folder });
      expect(stdout).toBe('');
      return [code, stderr.trimEnd()];
    };
    const train = 'rvq train - -o t.safetensors --stages 1 --codewords 2';
    expect(await failed(`${train} < rows.f32`)).toEqual([
      2,
      'rvq: --dim: expected the number of floats a row, which standard input does not say, got none',
    ]);
    expect(await failed('rvq encode book.safetensors - --dim 32 -o - < rows.f32')).toEqual([
      3,
      'rvq: standard input: expected rows of dim 64, as the codebook has, got dim 32',
    ]);
    expect(await failed('head -c 5000001 rows.f32 | rvq encode book.safetensors - -o c.npy')).toEqual([
      3,
      'rvq: standard input: byte 4,999,936: expected a row of 256 bytes, got 65 bytes and the end',
    ]);
    expect(await failed('rvq encode book.safetensors - -o c.npy < /dev/null')).toEqual([
      3,
      'rvq: standard input: expected at least one row, got none',
    ]);
    expect(await failed(`${train} --report r.html --dim 64 < rows.f32`)).toEqual([
      2,
      'rvq: --report: measures with the vectors once more, so they must be in a file',
    ]);
    expect(filesIn(folder)).toEqual(['book.safetensors', 'rows.f32']);
  });

  it('end quietly, and soon, when the reader goes away', async () => {
    const folder = await folderWith('book.safetensors');
    writeZeros(join(folder, 'zeros.npy'), 2_000_000); // ten seconds of encoding
    const started = performance.now();
    expect(await shell('rvq encode book.safetensors zeros.npy -o - --beam 8 | head -c 3', { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    expect(performance.now() - started).toBeLessThan(8000);
    const endless = await shell('yes | rvq encode book.safetensors - -o - | head -c 100000 | wc -c; echo $((PIPESTATUS[1]))', { cwd: folder });
    expect(endless).toMatchObject({ stdout: '100000\n0\n', stderr: '' });
    for (const line of ['rvq info book.safetensors', 'rvq help train', 'rvq completion bash']) {
      expect(await shell(`${line} | true`, { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('tell that standard output is full', async () => {
    const folder = await folderWith('rows.npy', 'book.safetensors');
    for (const line of ['rvq encode book.safetensors rows.npy -o -', 'rvq eval book.safetensors rows.npy --quiet']) {
      expect(await shell(`${line} > /dev/full`, { cwd: folder })).toMatchObject({
        code: 1,
        stderr: 'rvq: standard output: cannot write: no space left on the device\n',
      });
    }
  });
});

describe('files that are wrong in the middle', () => {
  it('are refused with the row of all, and leave the old output as it was', async () => {
    const folder = await folderWith('book.safetensors');
    const bad = matrix(rows.data.slice(), dim);
    bad.data[17_000 * dim + 5] = Number.NaN;
    await writeVectors(join(folder, 'bad.npy'), bad);
    writeFileSync(join(folder, 'old.npy'), 'old');
    for (const line of [
      'rvq encode book.safetensors bad.npy -o old.npy',
      'rvq encode book.safetensors bad.npy -o old.npy --threads 1',
      'rvq eval book.safetensors bad.npy',
      'rvq train bad.npy -o new.safetensors --stages 1 --codewords 2 -q',
    ]) {
      const { code, stderr } = await shell(line, { cwd: folder });
      expect([code, stderr]).toEqual([3, 'rvq: bad.npy: row 17,000, element 5: expected a finite float32, got NaN\n']);
    }
    expect(readFileSync(join(folder, 'old.npy'), 'utf8')).toBe('old');
    expect(filesIn(folder)).toEqual(['bad.npy', 'book.safetensors', 'old.npy']);
  });

  it('are refused with the byte where their rows are torn', async () => {
    const folder = await folderWith('rows.fvecs', 'book.safetensors');
    const bytes = readFileSync(join(folder, 'rows.fvecs'));
    bytes.writeInt32LE(63, 15_000 * 260);
    writeFileSync(join(folder, 'rows.fvecs'), bytes);
    const { code, stderr } = await rvq(['encode', 'book.safetensors', 'rows.fvecs', '-o', 'c.npy'], { cwd: folder });
    expect([code, stderr]).toEqual([3, 'rvq: rows.fvecs: byte 3,900,000: expected dim 64, as in the first row, got dim 63\n']);
    expect(filesIn(folder)).toEqual(['book.safetensors', 'rows.fvecs']);
  });
});

describe('a file that is written', () => {
  it('is left as it was, and nothing beside it, where there is no room for it', async () => {
    const folder = await folderWith('rows.npy', 'book.safetensors');
    writeFileSync(join(folder, 'old.npy'), 'old');
    await done('rvq encode book.safetensors rows.npy -o codes.npy', folder);
    const { code, stderr } = await shell('ulimit -f 1000; rvq decode book.safetensors codes.npy -o old.npy', { cwd: folder });
    expect([code, stderr]).toEqual([1, 'rvq: old.npy: cannot write: the file would be larger than the system allows\n']);
    expect(readFileSync(join(folder, 'old.npy'), 'utf8')).toBe('old');
    expect(filesIn(folder)).toEqual(['book.safetensors', 'codes.npy', 'old.npy', 'rows.npy']);
  });

  it('is that of one of two commands that write it at once', async () => {
    const folder = await folderWith('rows.npy', 'book.safetensors');
    const one = 'rvq encode book.safetensors rows.npy -o codes.npy';
    await done(`${one} & ${one} --threads 1 & rvq encode book.safetensors rows.npy -o codes.npy --beam 2; wait`, folder);
    const written = await readCodes(join(folder, 'codes.npy'), book);
    expect([bitsOf(codes), bitsOf(encode(book, rows, { beam: 2 }))]).toContainEqual(bitsOf(written));
    expect(filesIn(folder)).toEqual(['book.safetensors', 'codes.npy', 'rows.npy']);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is left as it was after %s, once or twice, in the middle of it', async (signal, code) => {
    const folder = await folderWith('book.safetensors');
    writeZeros(join(folder, 'zeros.npy'), 4_000_000);
    writeFileSync(join(folder, 'old.npy'), 'old');
    for (const times of [1, 2]) {
      const child = startShell('exec rvq encode book.safetensors zeros.npy -o old.npy --beam 4', { cwd: folder });
      const finishing = finish(child);
      await writesIn(folder);
      for (let i = 0; i < times; i++) child.kill(signal);
      const finished = await finishing;
      expect([finished.code, finished.signal, finished.stdout]).toEqual([code, null, '']);
      expect(readFileSync(join(folder, 'old.npy'), 'utf8')).toBe('old');
      expect(filesIn(folder)).toEqual(['book.safetensors', 'old.npy', 'zeros.npy']);
    }
  });
});

/** Waits until a temporary file in the folder has some bytes. */
async function writesIn(folder: string): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    const temporary = filesIn(folder).find((name) => name.endsWith('.tmp'));
    if (temporary !== undefined && statSync(join(folder, temporary)).size > 1000) return;
    await wait(10);
  }
  throw new Error('nothing is written');
}
