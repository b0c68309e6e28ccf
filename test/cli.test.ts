import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../package.json';
import { randomCodebook } from '../ts/model/codebook.ts';
import { matrix } from '../ts/model/matrix.ts';
import { readCodebook, readCodes, readVectors, writeCodebook, writeVectors } from '../ts/node/index.ts';
import { decode, encode, evaluate, train } from '../ts/reference/index.ts';
import { rvq } from './support/command.ts';
import { projectPath } from './support/data.ts';
import { filesIn, fixturePath, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

/** A folder with vectors and a codebook for them, small ones. */
async function smallFolder(): Promise<string> {
  const folder = temporaryFolder();
  await writeVectors(join(folder, 'vectors.fvecs'), normalRows({ rows: 200, dim: 4 }));
  await writeCodebook(join(folder, 'book.safetensors'), randomCodebook({ dim: 4, stages: 3, codewords: [8, 16, 5], seed: 3 }));
  return folder;
}

async function done(args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await rvq(args, { cwd });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return { stdout, stderr };
}

describe('rvq train', () => {
  it('writes the codebook that train makes, and tells of it on stderr', async () => {
    const folder = await smallFolder();
    const args = ['train', 'vectors.fvecs', '-o', 'new.safetensors', '--stages', '2', '--codewords', '5,3', '--seed', '9', '--iterations', '4'];
    const { stdout, stderr } = await done([...args, '--init', 'random', '--max-rows-per-codeword', '20', '--tolerance', '1e-4'], folder);
    const vectors = await readVectors(join(folder, 'vectors.fvecs'));
    const options = { stages: 2, codewords: [5, 3], seed: 9, iterations: 4, init: 'random', maxRowsPerCodeword: 20, tolerance: 1e-4 } as const;
    expect(await readCodebook(join(folder, 'new.safetensors'))).toEqual((await train(vectors, options)).codebook);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^rvq: training 2 stages of 5, 3 codewords on 200 rows of dim 4$/m);
    expect(stderr).toMatch(/^rvq: stage 1 of 2/m);
    expect(stderr).toMatch(/^rvq: wrote new.safetensors: 2 stages of 5, 3 codewords of dim 4, 5 bits a row, trained on 100 of 200 rows, mse/m);
    expect(stderr).not.toContain('\r');
  });

  it('has the defaults of the API, and passes its warnings on', async () => {
    const folder = await smallFolder();
    const { stderr } = await done(['train', 'vectors.fvecs', '-o', 'new.safetensors', '--stages', '1', '--codewords', '100'], folder);
    const vectors = await readVectors(join(folder, 'vectors.fvecs'));
    const { codebook, report } = await train(vectors, { stages: 1, codewords: 100 });
    expect(await readCodebook(join(folder, 'new.safetensors'))).toEqual(codebook);
    expect(report.warnings.length).toBeGreaterThan(0);
    for (const warning of report.warnings) expect(stderr).toContain(`rvq: warning: ${warning}\n`);
  });

  it('reads one tensor of several', async () => {
    const folder = temporaryFolder();
    const args = ['train', fixturePath('mixed.safetensors'), '-o', 'b.safetensors', '--stages', '1', '--codewords', '2'];
    expect((await rvq(args, { cwd: folder })).code).toBe(3);
    await done([...args, '--tensor', 'b.weight'], folder);
    expect(await readCodebook(join(folder, 'b.safetensors'))).toMatchObject({ dim: 3, codewords: [2] });
  });
});

describe('rvq encode and rvq decode', () => {
  it('write the codes of the definition, in every layout alike, and the rows that they stand for', async () => {
    const folder = await smallFolder();
    const book = await readCodebook(join(folder, 'book.safetensors'));
    const codes = encode(book, await readVectors(join(folder, 'vectors.fvecs')));
    for (const [name, ...flags] of [['codes.safetensors'], ['packed.safetensors', '--packed'], ['codes.npy', '--beam', '1']]) {
      const { stdout, stderr } = await done(['encode', 'book.safetensors', 'vectors.fvecs', '-o', name, ...flags], folder);
      expect(stdout).toBe('');
      expect(stderr).toMatch(new RegExp(`^rvq: wrote ${name}: 200 rows x 3 stages, 10 bits a row, [\\d,]+ rows a second\n$`));
      expect(await readCodes(join(folder, name), book)).toEqual(codes);
      await done(['decode', 'book.safetensors', name, '-o', 'rebuilt.npy'], folder);
      expect(await readVectors(join(folder, 'rebuilt.npy'))).toEqual(decode(book, codes));
    }
    await done(['decode', 'book.safetensors', 'codes.npy', '-o', 'coarse.fvecs', '--stages', '2'], folder);
    expect(await readVectors(join(folder, 'coarse.fvecs'))).toEqual(decode(book, codes, { stages: 2 }));
  });

  it('give the same for many rows, part by part, as for all at once', async () => {
    const folder = temporaryFolder();
    const dim = 4096; // parts of 1,024 rows
    const rows = 1100;
    await writeVectors(
      join(folder, 'v.fvecs'),
      matrix(
        Float32Array.from({ length: rows * dim }, (_, i) => ((i * 7919) % 1009) - 500),
        dim,
      ),
    );
    await writeCodebook(join(folder, 'b.safetensors'), randomCodebook({ dim, stages: 2, codewords: 3, seed: 1 }));
    await done(['encode', 'b.safetensors', 'v.fvecs', '-o', 'c.npy'], folder);
    await done(['decode', 'b.safetensors', 'c.npy', '-o', 'd.npy'], folder);
    const book = await readCodebook(join(folder, 'b.safetensors'));
    const codes = encode(book, await readVectors(join(folder, 'v.fvecs')));
    expect(await readCodes(join(folder, 'c.npy'), book)).toEqual(codes);
    const rebuilt = await readVectors(join(folder, 'd.npy'));
    expect(
      Buffer.compare(
        Buffer.from(rebuilt.data.buffer, rebuilt.data.byteOffset, rebuilt.data.byteLength),
        Buffer.from(decode(book, codes).data.buffer),
      ),
    ).toBe(0);
  });
});

describe('rvq eval', () => {
  it('prints one JSON object with what evaluate measures, and the seconds', async () => {
    const folder = await smallFolder();
    const { stdout, stderr } = await done(['eval', 'book.safetensors', 'vectors.fvecs', '--json'], folder);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const { seconds, ...evaluation } = JSON.parse(stdout);
    expect(seconds).toBeGreaterThan(0);
    expect(evaluation).toEqual(evaluate(await readCodebook(join(folder, 'book.safetensors')), await readVectors(join(folder, 'vectors.fvecs'))));
    const keys = ['rows', 'dim', 'stages', 'codewords', 'bitsPerRow', 'mse', 'msePerStage', 'relativeError', 'entropyPerStage'];
    expect(Object.keys(evaluation)).toEqual(expect.arrayContaining(keys));
  });

  it('prints a table', async () => {
    const { stdout } = await done(['eval', 'book.safetensors', 'vectors.fvecs'], await smallFolder());
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('200 rows of dim 4, 3 stages of 8, 16, 5 codewords: 10 bits a row, 12.8 times smaller than float32');
    expect(lines.slice(2).map((line) => line.split(/ {2,}/)[0])).toEqual(['stages', '1', '2', '3']);
  });
});

describe('rvq info', () => {
  it('tells what each file is', async () => {
    const folder = await smallFolder();
    const info = async (path: string) => JSON.parse((await done(['info', path, '--json'], folder)).stdout);
    const { id } = await readCodebook(join(folder, 'book.safetensors'));
    const shape = { stages: 3, codewords: [8, 16, 5], bitsPerRow: 10 };
    expect(await info('book.safetensors')).toMatchObject({ file: 'book.safetensors', format: 'safetensors', kind: 'codebook', dim: 4, ...shape, id });
    await done(['encode', 'book.safetensors', 'vectors.fvecs', '-o', 'packed.safetensors', '--packed'], folder);
    expect(await info('packed.safetensors')).toMatchObject({ kind: 'codes', rows: 200, ...shape, packed: true, codebookId: id });
    await done(['encode', 'book.safetensors', 'vectors.fvecs', '-o', 'codes.npy'], folder);
    expect(await info('codes.npy')).toMatchObject({ kind: 'vectors or codes', type: 'u1', shape: [200, 3] });
    expect(await info('vectors.fvecs')).toMatchObject({ kind: 'vectors', rows: 200, dim: 4, type: 'float32', bitsPerRow: 128, bytes: 4000 });
    expect(await info(projectPath('data/digits.npy'))).toMatchObject({ kind: 'vectors', rows: 1797, dim: 64, type: 'f4' });
    expect(await info(fixturePath('x.ivecs'))).toMatchObject({ kind: 'vectors', rows: 4, dim: 3, type: 'int32' });
    expect((await info(fixturePath('mixed.safetensors'))).tensors).toHaveLength(6);
    expect((await done(['info', 'book.safetensors'], folder)).stdout).toBe(
      `book.safetensors: codebook, 3 stages of 8, 16, 5 codewords of dim 4, 10 bits a row\n  id ${id}\n`,
    );
  });
});

describe('rvq compare', () => {
  it('finds the same codes in WebAssembly and in the reference', async () => {
    const folder = await smallFolder();
    const result = JSON.parse((await done(['compare', 'vectors.fvecs', '--json'], folder)).stdout);
    expect(result).toMatchObject({ rows: 200, dim: 4, same: true });
    const { stdout } = await done(['compare'], folder);
    expect(stdout).toMatch(/^the same codes, [\d.,]+ times as fast$/m);
  });
});

describe('rvq', () => {
  it('prints its version and its help on stdout', async () => {
    const folder = temporaryFolder();
    expect((await done(['--version'], folder)).stdout).toBe(`${version}\n`);
    const help = (await done(['--help'], folder)).stdout;
    for (const command of ['train', 'encode', 'decode', 'eval', 'info', 'compare']) {
      expect(help).toMatch(new RegExp(`^ {2}${command} `, 'm'));
      const [asCommand, asOption] = [await done(['help', command], folder), await done([command, '--help'], folder)];
      expect(asCommand.stdout).toMatch(new RegExp(`Usage: rvq ${command} [^]*Examples:\n {2}rvq ${command}`));
      expect(asOption.stdout).toBe(asCommand.stdout);
    }
  });

  it('leaves what else is in the folder alone', async () => {
    const folder = await smallFolder();
    writeFileSync(join(folder, 'codes.npy'), 'old');
    await done(['encode', 'book.safetensors', 'vectors.fvecs', '-o', 'codes.npy'], folder);
    expect(filesIn(folder)).toEqual(['book.safetensors', 'codes.npy', 'vectors.fvecs']);
  });
});
