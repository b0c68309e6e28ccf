// What the command takes: memory that does not grow with the file, and what --dry-run says of a training before it.
import { closeSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureRvq } from '../bench/lib/measured.ts';
import { randomCodebook } from '../ts/index.ts';
import { writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import { filesIn, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

const dim = 128;
const MEGABYTE = 1e6;

/** A .npy of zeros that takes no room on the disk. */
function writeZeros(path: string, rows: number): void {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const file = openSync(path, 'w');
  writeSync(file, Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1'));
  ftruncateSync(file, 128 + 4 * rows * dim);
  closeSync(file);
}

describe('a file of 768 MB', () => {
  const rows = 1_500_000;

  it.each([
    ['encode', 'book.safetensors', 'zeros.npy', '-o', 'codes.safetensors', '--packed'],
    ['encode', 'book.safetensors', 'zeros.npy', '-o', 'codes.npy', '--threads', '1'],
    ['eval', 'book.safetensors', 'zeros.npy'],
    ['train', 'zeros.npy', '-o', 'new.safetensors', '--stages', '2', '--codewords', '8', '--iterations', '1'],
  ])('is worked on in under 300 MB by rvq %s', async (...args) => {
    const folder = temporaryFolder();
    await writeCodebook(join(folder, 'book.safetensors'), randomCodebook({ dim, stages: 2, codewords: 8, seed: 1 }));
    writeZeros(join(folder, 'zeros.npy'), rows);
    const { code, stderr, peakBytes } = await measureRvq(args, { cwd: folder });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(peakBytes).toBeGreaterThan(40 * MEGABYTE); // it was measured at all
    expect(peakBytes).toBeLessThan(300 * MEGABYTE);
  });

  it('comes out of rvq decode in under 300 MB', async () => {
    const folder = temporaryFolder();
    const book = randomCodebook({ dim, stages: 2, codewords: 8, seed: 1 });
    await writeCodebook(join(folder, 'book.safetensors'), book);
    await writeCodes(join(folder, 'codes.npy'), { data: new Uint8Array(2 * rows), rows, stages: 2, codebookId: book.id }, book);
    const { code, peakBytes } = await measureRvq(['decode', 'book.safetensors', 'codes.npy', '-o', 'decoded.fvecs'], { cwd: folder });
    expect(code).toBe(0);
    expect(statSync(join(folder, 'decoded.fvecs')).size).toBe(rows * 516);
    rmSync(join(folder, 'decoded.fvecs'));
    expect(peakBytes).toBeLessThan(300 * MEGABYTE);
  });
});

describe('rvq train --dry-run', () => {
  const settings = ['--stages', '4', '--codewords', '128', '--beam', '2', '--iterations', '4', '--max-rows-per-codeword', '200'];

  it('tells the rows that are used and the bytes of the files, and about the time and the memory', async () => {
    const folder = temporaryFolder();
    await writeVectors(join(folder, 'rows.npy'), normalRows({ rows: 40_000, dim }));
    const train = ['train', 'rows.npy', '-o', 'new.safetensors', ...settings, '--json'];
    const told = JSON.parse((await measureRvq([...train, '--dry-run'], { cwd: folder })).stdout);
    expect(filesIn(folder)).toEqual(['rows.npy']);
    const done = await measureRvq(train, { cwd: folder });
    const trained = JSON.parse(done.stdout);
    expect([told.rows, told.rowsUsed, told.rowsHeldBack]).toEqual([trained.rows, trained.rowsUsed, trained.rowsHeldBack]);
    await measureRvq(['encode', 'new.safetensors', 'rows.npy', '-o', 'codes.npy'], { cwd: folder });
    await measureRvq(['encode', 'new.safetensors', 'rows.npy', '-o', 'packed.safetensors', '--packed'], { cwd: folder });
    const [codebook, codes, packed] = ['new.safetensors', 'codes.npy', 'packed.safetensors'].map((name) => statSync(join(folder, name)).size);
    expect(told.fileBytes.codebook).toBe(codebook);
    expect(codes - told.fileBytes.codes).toBe(128); // the head
    expect(packed - told.fileBytes.packedCodes).toBeLessThan(400);
    expect(told.seconds / trained.seconds).toBeGreaterThan(0.1);
    expect(told.seconds / trained.seconds).toBeLessThan(10);
    expect(told.memoryBytes / done.peakBytes).toBeGreaterThan(0.5);
    expect(told.memoryBytes / done.peakBytes).toBeLessThan(2);
  });

  it('refuses what train would, and standard input', async () => {
    const folder = temporaryFolder();
    await writeVectors(join(folder, 'few.npy'), normalRows({ rows: 100, dim }));
    const few = await measureRvq(['train', 'few.npy', '-o', 'new.safetensors', ...settings, '--dry-run'], { cwd: folder });
    expect([few.code, few.stderr]).toEqual([3, expect.stringMatching(/^rvq: few.npy: 100 rows cannot train 128 codewords/)]);
    const piped = await measureRvq(['train', '-', '--dim', '3', '-o', 'new.safetensors', ...settings, '--dry-run'], { cwd: folder });
    expect([piped.code, piped.stderr]).toEqual([2, 'rvq: --dry-run: needs vectors in a file, as standard input does not say how many there are\n']);
  });
});
