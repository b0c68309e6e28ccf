// --threads: the same files with any number of threads, and an interruption that is heard in the middle of the work.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decode, encode, evaluate, randomCodebook, train } from '../ts/index.ts';
import { readCodebook, readCodes, readVectors, writeCodebook, writeVectors } from '../ts/node/index.ts';
import { bitsOf } from './support/bits.ts';
import { type Finished, finish, rvq, startRvq } from './support/command.ts';
import { projectPath } from './support/data.ts';
import { filesIn, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

const vectors = projectPath('data/sift-base.bvecs');
const shape = { stages: 4, codewords: 256, iterations: 2 };
const trainFlags = ['--stages', '4', '--codewords', '256', '--iterations', '2'];

async function done(args: string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await rvq(args, { cwd });
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

describe('rvq with --threads', () => {
  it.each([['1'], ['2'], ['3'], []])('%s gives the files that the verbs would', async (...threads) => {
    const folder = temporaryFolder();
    const flags = threads.flatMap((count) => ['--threads', count]);
    const rows = await readVectors(vectors);
    await done(['train', vectors, '-o', 'b.safetensors', ...trainFlags, ...flags], folder);
    const book = await readCodebook(join(folder, 'b.safetensors'));
    expect(book.id).toBe((await train(rows, shape)).codebook.id);
    await done(['encode', 'b.safetensors', vectors, '-o', 'c.npy', ...flags], folder);
    const codes = await readCodes(join(folder, 'c.npy'), book);
    expect(bitsOf(codes)).toEqual(bitsOf(encode(book, rows)));
    await done(['decode', 'b.safetensors', 'c.npy', '-o', 'd.fvecs', '--stages', '3', ...flags], folder);
    expect(bitsOf(await readVectors(join(folder, 'd.fvecs')))).toEqual(bitsOf(decode(book, codes, { stages: 3 })));
    const { seconds, ...evaluation } = JSON.parse(await done(['eval', 'b.safetensors', vectors, '--beam', '2', '--json', ...flags], folder));
    expect(seconds).toBeGreaterThan(0);
    expect(evaluation).toEqual(evaluate(book, rows, { beam: 2 }));
  });

  it('encodes little on several threads, too', async () => {
    const folder = temporaryFolder();
    await done(['train', vectors, '-o', 'b.safetensors', '--stages', '2', '--codewords', '2', '--threads', '1', '--iterations', '1'], folder);
    for (const threads of ['1', '5']) await done(['encode', 'b.safetensors', vectors, '-o', `${threads}.npy`, '--threads', threads], folder);
    expect(readFileSync(join(folder, '5.npy')).equals(readFileSync(join(folder, '1.npy')))).toBe(true);
  });
});

describe('interrupted in the middle of long work', () => {
  it.each([
    ['encode', 'b.safetensors', vectors, '--beam', '64', '--threads', '2', '-o', 'c.npy'],
    ['encode', 'b.safetensors', vectors, '--beam', '64', '--threads', '1', '-o', 'c.npy'],
    ['eval', 'b.safetensors', vectors, '--beam', '64'],
  ])('%s ends at once with 130 and leaves no file', async (...args) => {
    const folder = temporaryFolder();
    await writeCodebook(join(folder, 'b.safetensors'), randomCodebook({ dim: 128, stages: 16, codewords: 256, seed: 1 }));
    const { finished, milliseconds } = await interrupt(args, folder);
    expect(finished).toEqual({ code: 130, signal: null, stdout: '', stderr: 'rvq: interrupted, nothing was written\n' });
    expect(milliseconds).toBeLessThan(5000); // the work takes half a minute
    expect(filesIn(folder)).toEqual(['b.safetensors']);
  });

  it.each([
    { dim: 2, stages: 8, codewords: 256, beam: 64, rows: 100_000 },
    { dim: 1, stages: 1000, codewords: 2, beam: 2, rows: 50_000 },
  ])('on one thread, rows as short as $dim', async ({ dim, stages, codewords, beam, rows }) => {
    const folder = temporaryFolder();
    await writeCodebook(join(folder, 'b.safetensors'), randomCodebook({ dim, stages, codewords, seed: 1 }));
    await writeVectors(join(folder, 'v.npy'), normalRows({ rows, dim }));
    for (const args of [
      ['encode', 'b.safetensors', 'v.npy', '-o', 'c.npy'],
      ['eval', 'b.safetensors', 'v.npy'],
    ]) {
      const { finished, milliseconds } = await interrupt([...args, '--beam', String(beam), '--threads', '1'], folder);
      expect(finished).toMatchObject({ code: 130, stderr: 'rvq: interrupted, nothing was written\n' });
      expect(milliseconds).toBeLessThan(1000);
    }
    expect(filesIn(folder)).toEqual(['b.safetensors', 'v.npy']);
  });
});

/** Sends SIGINT a while after the start; later, where it came before the command listened. */
async function interrupt(args: readonly string[], cwd: string): Promise<{ finished: Finished; milliseconds: number }> {
  for (let delay = 500; ; delay *= 2) {
    const child = startRvq(args, { cwd });
    const finishing = finish(child);
    await wait(delay);
    child.kill('SIGINT');
    const sent = performance.now();
    const finished = await finishing;
    if (finished.signal !== 'SIGINT' || delay > 4000) return { finished, milliseconds: performance.now() - sent };
  }
}
