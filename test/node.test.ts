import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomCodebook } from '../ts/model/codebook.ts';
import { matrix } from '../ts/model/matrix.ts';
import { readCodebook, readCodes, readVectors, writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import { checkWritable } from '../ts/node/write.ts';
import { projectPath } from './support/data.ts';
import { filesIn, fixturePath, rejectionOf, temporaryFolder } from './support/files.ts';

const vectors = matrix([
  [1, 2, 3],
  [250, 0, 7],
]);
const book = randomCodebook({ dim: 3, stages: 2, codewords: [4, 300], seed: 1 });
const codes = { data: Uint16Array.of(3, 299, 0, 0), rows: 2, stages: 2, codebookId: book.id };

describe('reading and writing', () => {
  it.each(['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors', 'NPY'])('brings vectors back from .%s', async (extension) => {
    const path = join(temporaryFolder(), `vectors.${extension}`);
    await writeVectors(path, vectors);
    expect(await readVectors(path)).toEqual(vectors);
  });

  it('brings a codebook and its codes back', async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    await writeCodebook(path('book.safetensors'), book);
    expect(await readCodebook(path('book.safetensors'))).toEqual(book);
    await writeCodes(path('codes.safetensors'), codes, book);
    await writeCodes(path('packed.safetensors'), codes, book, { packed: true });
    await writeCodes(path('codes.npy'), codes, book);
    expect(await readCodes(path('codes.safetensors'))).toEqual(codes);
    for (const name of ['codes.safetensors', 'packed.safetensors', 'codes.npy']) expect(await readCodes(path(name), book)).toEqual(codes);
    expect(filesIn(folder)).toEqual(['book.safetensors', 'codes.npy', 'codes.safetensors', 'packed.safetensors']);
  });

  it('reads the data of this project', async () => {
    expect(await readVectors(projectPath('data/sift-query.bvecs'))).toMatchObject({ rows: 500, dim: 128 });
    expect(await readVectors(projectPath('data/digits.npy'))).toMatchObject({ rows: 1797, dim: 64 });
    expect(await readVectors(fixturePath('mixed.safetensors'), { tensor: 'a.weight' })).toEqual(
      matrix([
        [0.5, 2.5, 4.5],
        [6.5, 8.5, 10.5],
      ]),
    );
  });

  it('replaces a file and keeps its permissions, also through a symbolic link', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.fvecs');
    writeFileSync(path, 'old', { mode: 0o640 });
    symlinkSync(path, join(folder, 'link.fvecs'));
    await writeVectors(join(folder, 'link.fvecs'), vectors);
    expect(await readVectors(path)).toEqual(vectors);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(filesIn(folder)).toEqual(['a.fvecs', 'link.fvecs']);
  });

  it('lets writes to the same name at the same time each be whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.npy');
    await Promise.all([1, 2, 3, 4].map((value) => writeVectors(path, matrix(new Float32Array(5000).fill(value), 10))));
    const { data } = await readVectors(path);
    expect(data.every((value) => value === data[0])).toBe(true);
    expect(filesIn(folder)).toEqual(['a.npy']);
  });
});

describe('what cannot be read', () => {
  it('is named: no file, a folder, a path below a file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'b.fvecs'));
    writeFileSync(join(folder, 'c'), '');
    const missing = await rejectionOf(readVectors(join(folder, 'a.fvecs')));
    expect(missing).toMatchObject({ code: 'FILE_ACCESS', subject: join(folder, 'a.fvecs') });
    expect(missing.message).toMatch(/a\.fvecs: cannot read: no such file or folder$/);
    expect(missing.cause).toMatchObject({ code: 'ENOENT' });
    expect((await rejectionOf(readCodebook(join(folder, 'a.safetensors')))).code).toBe('FILE_ACCESS');
    expect((await rejectionOf(readVectors(join(folder, 'b.fvecs')))).message).toMatch(/cannot read: is a folder, not a file$/);
    expect((await rejectionOf(readVectors(join(folder, 'c/a.fvecs')))).message).toMatch(/cannot read: a part of the path is a file/);
  });

  it('is a device, which has no end', async () => {
    const folder = temporaryFolder();
    symlinkSync('/dev/zero', join(folder, 'zero.fvecs'));
    expect((await rejectionOf(readVectors(join(folder, 'zero.fvecs')))).message).toMatch(/cannot read: is not a regular file$/);
  });

  it('has another extension', async () => {
    expect(await rejectionOf(readVectors('a.csv'))).toMatchObject({ code: 'UNSUPPORTED', subject: 'a.csv' });
    expect((await rejectionOf(readCodebook('book.npy'))).message).toBe(
      'book.npy: expected a name that ends in .safetensors, .faissindex, .faiss or .index, as a codebook has',
    );
    expect((await rejectionOf(readCodes('codes.fvecs'))).code).toBe('UNSUPPORTED');
  });

  it('is codes without their codebook', async () => {
    const path = join(temporaryFolder(), 'codes.npy');
    await writeCodes(path, codes, book);
    expect(await rejectionOf(readCodes(path))).toMatchObject({ code: 'INVALID_ARGUMENT', subject: 'codebook' });
    const other = randomCodebook({ dim: 3, stages: 2, codewords: [4, 300], seed: 2 });
    const named = join(temporaryFolder(), 'codes.safetensors');
    await writeCodes(named, codes, book);
    expect(await rejectionOf(readCodes(named, other))).toMatchObject({ code: 'CODEBOOK_MISMATCH', subject: named });
  });

  it('is what was asked for with wrong arguments', async () => {
    for (const path of ['', 'a\0.fvecs']) expect(await rejectionOf(readVectors(path))).toMatchObject({ code: 'INVALID_ARGUMENT', subject: 'path' });
    expect((await rejectionOf(readVectors('a.fvecs', Object({ tensors: 'x' })))).code).toBe('UNKNOWN_OPTION');
    expect((await rejectionOf(readVectors('a.safetensors', Object({ tensor: 1 })))).code).toBe('INVALID_ARGUMENT');
    expect((await rejectionOf(readVectors(fixturePath('x.fvecs'), { tensor: 'x' }))).code).toBe('INVALID_ARGUMENT');
  });
});

describe('what cannot be written', () => {
  it('is named, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'b.fvecs'));
    writeFileSync(join(folder, 'c'), 'file');
    for (const [name, reason] of [
      ['none/a.fvecs', /cannot write: no such file or folder$/],
      ['b.fvecs', /cannot write: is a folder, not a file$/],
      ['c/a.fvecs', /cannot write: a part of the path is a file, not a folder$/],
    ] as const) {
      const path = join(folder, name);
      for (const error of [await rejectionOf(writeVectors(path, vectors)), await rejectionOf(checkWritable(path))]) {
        expect(error).toMatchObject({ code: 'FILE_ACCESS', subject: path });
        expect(error.message).toMatch(reason);
      }
    }
    expect(filesIn(folder)).toEqual(['b.fvecs', 'c']);
    expect(readFileSync(join(folder, 'c'), 'utf8')).toBe('file');
  });

  it.skipIf(!existsSync('/dev/full'))('is a full disk, and the device stays a device', async () => {
    const folder = temporaryFolder();
    symlinkSync('/dev/full', join(folder, 'full.fvecs'));
    expect((await rejectionOf(writeVectors(join(folder, 'full.fvecs'), vectors))).message).toMatch(/cannot write: no space left on the device$/);
    expect(filesIn(folder)).toEqual(['full.fvecs']);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('leaves the file that was there as it was', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.bvecs');
    await writeVectors(path, vectors);
    const before = readFileSync(path);
    expect(await rejectionOf(writeVectors(path, matrix([[0.5]])))).toMatchObject({ code: 'INVALID_ARGUMENT', subject: 'vectors' });
    const reason = new Error('stop');
    await expect(writeVectors(path, vectors, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const broken = join(folder, 'broken.npy');
    const big = matrix(new Float32Array(1 << 20), 1024);
    const controller = new AbortController();
    const writing = writeVectors(broken, big, { signal: controller.signal });
    controller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect(readFileSync(path)).toEqual(before);
    expect(filesIn(folder)).toEqual(['a.bvecs']);
  });

  it('is codes of another codebook, packed codes in a .npy, options that there are not', async () => {
    const path = join(temporaryFolder(), 'codes.npy');
    const other = randomCodebook({ dim: 3, stages: 2, codewords: [4, 300], seed: 2 });
    expect((await rejectionOf(writeCodes(path, codes, other))).code).toBe('CODEBOOK_MISMATCH');
    expect((await rejectionOf(writeCodes(path, codes, book, { packed: true }))).code).toBe('UNSUPPORTED');
    expect((await rejectionOf(writeCodes(path, codes, book, Object({ pack: true })))).code).toBe('UNKNOWN_OPTION');
    expect((await rejectionOf(writeVectors(path, vectors, Object({ signal: 1 })))).code).toBe('INVALID_ARGUMENT');
  });
});
