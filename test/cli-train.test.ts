// rvq train with checkpoints, from a codebook, with rows held back and with reports.
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { evaluate, type TrainCheckpoint, train } from '../ts/index.ts';
import { readCheckpoint, readCodebook, readVectors, writeCheckpoint, writeVectors } from '../ts/node/index.ts';
import { type Finished, finish, rvq, startRvq } from './support/command.ts';
import { siftBase } from './support/data.ts';
import { filesIn, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

const flags = ['--stages', '3', '--codewords', '8', '--iterations', '3'];
const options = { stages: 3, codewords: 8, iterations: 3 };

async function smallFolder(): Promise<string> {
  const folder = temporaryFolder();
  await writeVectors(join(folder, 'v.fvecs'), normalRows({ rows: 300, dim: 4 }));
  return folder;
}

async function done(args: readonly string[], cwd: string): Promise<Finished> {
  const finished = await rvq(['train', 'v.fvecs', ...args], { cwd });
  expect({ args, code: finished.code, stderr: finished.code === 0 ? '' : finished.stderr }).toEqual({ args, code: 0, stderr: '' });
  return finished;
}

/** Checks that it is refused with this code, and leaves the folder as it was; the last line of what it says. */
async function refused(code: number, args: readonly string[], cwd: string): Promise<string> {
  const before = filesIn(cwd).map((name) => [name, readFileSync(join(cwd, name)).toString('latin1')]);
  const finished = await rvq(['train', 'v.fvecs', ...args], { cwd });
  expect({ args, code: finished.code, stderr: finished.stderr }).toMatchObject({ args, code });
  expect(filesIn(cwd).map((name) => [name, readFileSync(join(cwd, name)).toString('latin1')])).toEqual(before);
  return finished.stderr.trimEnd().split('\n').at(-1) ?? '';
}

/** The checkpoints of a training by the API, in files 0.safetensors, 1.safetensors, ... */
async function checkpointFiles(folder: string, more: { refine?: number } = {}): Promise<TrainCheckpoint[]> {
  const made: TrainCheckpoint[] = [];
  await train(await readVectors(join(folder, 'v.fvecs')), { ...options, ...more, onCheckpoint: (next) => void made.push(next) });
  for (const [i, checkpoint] of made.entries()) await writeCheckpoint(join(folder, `${i}.safetensors`), checkpoint);
  return made;
}

describe('rvq train --checkpoint', () => {
  it('leaves the checkpoint of all that was done', async () => {
    const folder = await smallFolder();
    const made = await checkpointFiles(folder, { refine: 1 });
    await done([...flags, '--refine', '1', '-o', 'b.safetensors', '--checkpoint', 'c.safetensors'], folder);
    expect(await readCheckpoint(join(folder, 'c.safetensors'))).toEqual(made[3]);
    expect((await rvq(['info', 'c.safetensors'], { cwd: folder })).stdout).toMatch(
      /^c.safetensors: checkpoint of a training, 3 of 3 stages and 1 of 1 rounds of refinement done: 3 stages x 8 codewords of dim 4\n.*\n {2}iterations 3\n/,
    );
    expect(JSON.parse((await rvq(['info', 'c.safetensors', '--json'], { cwd: folder })).stdout)).toMatchObject({
      kind: 'checkpoint',
      stages: 3,
      refinements: 1,
      settings: made[3].settings,
    });
  });

  it.each([0, 1, 2])('and --resume end with the bytes of one run, from checkpoint %i', async (i) => {
    const folder = await smallFolder();
    await checkpointFiles(folder);
    await done([...flags, '-o', 'whole.safetensors'], folder);
    const { stderr } = await done([...flags, '-o', 'b.safetensors', '--checkpoint', `${i}.safetensors`, '--resume'], folder);
    expect(stderr).toContain(`rvq: going on from ${i}.safetensors: ${i + 1} of 3 stages\n`);
    expect(readFileSync(join(folder, 'b.safetensors')).equals(readFileSync(join(folder, 'whole.safetensors')))).toBe(true);
    expect(readFileSync(join(folder, `${i}.safetensors`)).equals(readFileSync(join(folder, '2.safetensors')))).toBe(true);
  });

  it('begins anew with --resume where there is no file so far', async () => {
    const folder = await smallFolder();
    const { stderr } = await done([...flags, '-o', 'b.safetensors', '--checkpoint', 'c.safetensors', '--resume'], folder);
    expect(stderr).toContain('rvq: no c.safetensors so far: training begins anew\n');
    expect((await readCheckpoint(join(folder, 'c.safetensors'))).stages).toHaveLength(3);
  });

  it('is replaced by another training once it is finished, and not before', async () => {
    const folder = await smallFolder();
    await checkpointFiles(folder);
    const again = ['-o', 'b.safetensors', '--seed', '2', '--checkpoint'];
    expect(await refused(2, [...flags, ...again, '1.safetensors'], folder)).toBe(
      'rvq: --checkpoint 1.safetensors: holds an unfinished training, 2 of 3 stages: --resume goes on from it; delete it to begin anew',
    );
    await done([...flags, ...again, '2.safetensors'], folder);
    expect((await readCheckpoint(join(folder, '2.safetensors'))).settings.seed).toBe(2);
  });

  it('refuses to go on with other options or vectors, which it names', async () => {
    const folder = await smallFolder();
    await checkpointFiles(folder);
    const resume = ['-o', 'b.safetensors', '--checkpoint', '0.safetensors', '--resume'];
    expect(await refused(2, [...flags, '--seed', '2', ...resume], folder)).toBe(
      'rvq: --resume 0.safetensors: expected seed 1, as it was made with, got 2',
    );
    expect(await refused(2, ['--stages', '3', '--codewords', '8', ...resume], folder)).toMatch(
      /: expected iterations 3, as it was made with, got 12$/,
    );
    expect(await refused(2, [...flags, '--held-back', '0.1', ...resume], folder)).toMatch(/: expected heldBack null, as it was made with, got 0.1$/);
    await writeVectors(join(folder, 'v.fvecs'), normalRows({ rows: 300, dim: 4, seed: 2 }));
    expect(await refused(2, [...flags, ...resume], folder)).toMatch(/^rvq: --resume 0.safetensors: expected the vectors that it was made with/);
    await writeVectors(join(folder, 'v.fvecs'), normalRows({ rows: 300, dim: 5 }));
    expect(await refused(3, [...flags, ...resume], folder)).toMatch(/expected rows of dim 4, as the checkpoint has, got dim 5$/);
  });

  it('refuses files that are no checkpoints, cut ones and damaged ones, and names the byte', async () => {
    const folder = await smallFolder();
    await checkpointFiles(folder);
    await done([...flags, '-o', 'b.safetensors'], folder);
    const write = ['-o', 'n.safetensors', '--checkpoint'];
    expect(await refused(2, [...flags, ...write, 'b.safetensors'], folder)).toBe(
      'rvq: --checkpoint b.safetensors: is there already, and is no checkpoint that can be read: name another file',
    );
    expect(await refused(3, [...flags, ...write, 'b.safetensors', '--resume'], folder)).toMatch(
      /^rvq: b.safetensors: .* expected "residual-vq checkpoint", got "residual-vq codebook"$/,
    );
    const whole = readFileSync(join(folder, '0.safetensors'));
    truncateSync(join(folder, '0.safetensors'), whole.length - 1);
    expect(await refused(3, [...flags, ...write, '0.safetensors', '--resume'], folder)).toMatch(/^rvq: 0.safetensors: /);
    expect(await refused(2, [...flags, ...write, '0.safetensors'], folder)).toMatch(/is no checkpoint that can be read/);
    whole[whole.length - 2] ^= 4;
    writeFileSync(join(folder, '0.safetensors'), whole);
    expect(await refused(3, [...flags, ...write, '0.safetensors', '--resume'], folder)).toMatch(/the file is corrupted$/);
    writeFileSync(join(folder, '0.safetensors'), '');
    expect(await refused(3, [...flags, ...write, '0.safetensors', '--resume'], folder)).toMatch(/^rvq: 0.safetensors: byte 0: /);
  });

  it('refuses --resume alone, other extensions, files that are inputs or outputs, and folders that are not there', async () => {
    const folder = await smallFolder();
    await checkpointFiles(folder);
    const base = [...flags, '-o', 'b.safetensors'];
    expect(await refused(2, [...base, '--resume'], folder)).toBe('rvq: --resume: goes on from the file of --checkpoint, which is not given');
    expect(await refused(2, [...base, '--checkpoint', 'c.npy'], folder)).toMatch(/expected a name that ends in .safetensors, as a checkpoint has/);
    expect(await refused(2, [...base, '--checkpoint', './b.safetensors'], folder)).toMatch(/--checkpoint .\/b.safetensors: is the file of --output/);
    expect(await refused(2, [...base, '--start', '2.safetensors', '--checkpoint', '2.safetensors'], folder)).toMatch(/is the input 2.safetensors/);
    expect(await refused(1, [...base, '--checkpoint', 'none/c.safetensors'], folder)).toMatch(/none\/c.safetensors/);
  });
});

describe('a process that ends in the middle', () => {
  const long = ['--stages', '6', '--codewords', '256', '--iterations', '12', '--threads', '2', '-o', 'b.safetensors'];

  /** Ends it with the signal once the checkpoint has so many stages. */
  async function stopped(signal: 'SIGKILL' | 'SIGINT', folder: string, stages: number, more: readonly string[] = []): Promise<Finished> {
    const child = startRvq(['train', 'v.fvecs', ...long, '--checkpoint', 'c.safetensors', ...more], { cwd: folder });
    const finishing = finish(child);
    const file = join(folder, 'c.safetensors');
    while (!existsSync(file) || (await readCheckpoint(file)).stages.length < stages) await wait(20);
    child.kill(signal);
    return finishing;
  }

  it('goes on from its checkpoint, and ends with the bytes of one run', async () => {
    const folder = temporaryFolder();
    await writeVectors(join(folder, 'v.fvecs'), siftBase(10_000));
    expect(await stopped('SIGKILL', folder, 1)).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(existsSync(join(folder, 'b.safetensors'))).toBe(false);
    const { code, stderr } = await stopped('SIGINT', folder, 3, ['--resume']);
    expect(code).toBe(130);
    expect(stderr).toMatch(/rvq: interrupted, c.safetensors has \d of 6 stages: --resume goes on from there\n$/);
    const { stages, codebook } = await readCheckpoint(join(folder, 'c.safetensors'));
    expect(stages.length).toBeLessThan(6);
    await done([...long, '--checkpoint', 'c.safetensors', '--resume'], folder);
    await done([...long.slice(0, -1), 'whole.safetensors'], folder);
    const book = readFileSync(join(folder, 'b.safetensors'));
    expect(book.equals(readFileSync(join(folder, 'whole.safetensors')))).toBe(true);
    expect((await readCodebook(join(folder, 'b.safetensors'))).data.subarray(0, codebook.data.length)).toEqual(codebook.data);
    expect(filesIn(folder).filter((name) => !name.endsWith('.tmp'))).toEqual(['b.safetensors', 'c.safetensors', 'v.fvecs', 'whole.safetensors']);
  });
});

describe('rvq train --start', () => {
  it('goes on from a codebook, which stays as it was', async () => {
    const folder = await smallFolder();
    await done([...flags, '-o', 'first.safetensors'], folder);
    const before = readFileSync(join(folder, 'first.safetensors'));
    await done([...flags, '-o', 'b.safetensors', '--start', 'first.safetensors'], folder);
    const start = await readCodebook(join(folder, 'first.safetensors'));
    const { codebook } = await train(await readVectors(join(folder, 'v.fvecs')), { ...options, start });
    expect(await readCodebook(join(folder, 'b.safetensors'))).toEqual(codebook);
    expect(readFileSync(join(folder, 'first.safetensors')).equals(before)).toBe(true);
    expect(await refused(2, ['--stages', '2', '--codewords', '8', '-o', 'n.safetensors', '--start', 'first.safetensors'], folder)).toMatch(
      /--start: expected stages of 8, 8 codewords of dim 4, got stages of 8, 8, 8 codewords of dim 4$/,
    );
    expect(await refused(2, [...flags, '-o', 'first.safetensors', '--start', 'first.safetensors'], folder)).toMatch(/is the input first.safetensors/);
    copyFileSync(join(folder, 'v.fvecs'), join(folder, 'v.safetensors'));
    expect(await refused(3, [...flags, '-o', 'n.safetensors', '--start', 'v.safetensors'], folder)).toMatch(/^rvq: v.safetensors: /);
  });
});

describe('rvq train --report', () => {
  it('writes a page and data, which hold the report of train and the measured curve', async () => {
    const folder = await smallFolder();
    const args = [...flags, '-o', 'b.safetensors', '--held-back', '0.2', '--beam', '3', '--report', 'r.html', '--report', 'r.json'];
    const { stderr } = await done(args, folder);
    expect(stderr).toMatch(/mse [\d.]+ \([\d.]+ of rows held back\)/);
    expect(stderr).toContain('rvq: wrote r.html\nrvq: wrote r.json\n');
    const data = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
    const vectors = await readVectors(join(folder, 'v.fvecs'));
    const { codebook, report } = await train(vectors, { ...options, heldBack: 0.2, beam: 3 });
    expect(data.training).toEqual(JSON.parse(JSON.stringify(report)));
    expect(data).toMatchObject({
      format: 'residual-vq training report',
      version: 1,
      vectors: { file: 'v.fvecs', rows: 300, dim: 4 },
      codebook: { file: 'b.safetensors', id: codebook.id, codewords: [8, 8, 8], bitsPerRow: 9 },
      command: `rvq train v.fvecs ${args.join(' ')}`,
      options: { codewords: [8, 8, 8], iterations: 3, beam: 3, heldBack: 0.2, start: null },
      rateDistortion: { rows: 60, heldBack: true },
    });
    const [greedy, wide] = data.rateDistortion.curves;
    expect([greedy.beam, wide.beam]).toEqual([1, 5]);
    expect(greedy.points.map(({ bitsPerRow }: { bitsPerRow: number }) => bitsPerRow)).toEqual([3, 6, 9]);
    // rows held back: what all rows come to is made of these and those that trained
    const all = evaluate(codebook, vectors).mse;
    expect(greedy.points[2].mse).toBeGreaterThan(all);
    expect(wide.points[2].mse).toBeLessThan(greedy.points[2].mse);
    const html = readFileSync(join(folder, 'r.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain(codebook.id);
  });

  it('measures the very rows that train holds back: greedy, the last point is what the report says', async () => {
    const folder = await smallFolder();
    for (const more of [
      ['--held-back', '0.3'],
      ['--max-rows-per-codeword', '20'],
      ['--held-back', '0.4', '--max-rows-per-codeword', '20'],
    ]) {
      await done([...flags, '-o', 'b.safetensors', ...more, '--beam', '1', '--report', 'r.json'], folder);
      const { training, rateDistortion } = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
      expect(rateDistortion.rows).toBe(training.rowsHeldBack);
      expect(rateDistortion.curves[0].points.map(({ mse }: { mse: number }) => mse)).toEqual(
        training.stages.map(({ heldBackMse }: { heldBackMse: number }) => expect.closeTo(heldBackMse, 9)),
      );
    }
  });

  it('takes the rows that train where none are held back', async () => {
    const folder = await smallFolder();
    await done([...flags, '-o', 'b.safetensors', '--beam', '1', '--report', 'r.json'], folder);
    const { training, rateDistortion } = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
    expect(rateDistortion).toMatchObject({ rows: 300, heldBack: false });
    expect(rateDistortion.curves[0].points[2].mse).toBeCloseTo(training.mse, 9);
  });

  it('refuses other names, one name twice, inputs, and folders that are not there, before any work', async () => {
    const folder = await smallFolder();
    const base = [...flags, '-o', 'b.safetensors', '--report'];
    expect(await refused(2, [...base, 'r.pdf'], folder)).toBe('rvq: --report r.pdf: expected a name that ends in .html or .json');
    expect(await refused(2, [...base, 'r.json', '--report', './r.json'], folder)).toMatch(/is the file of --report; name another$/);
    expect(await refused(1, [...base, 'none/r.html'], folder)).toMatch(/none\/r.html/);
    expect(await refused(2, [...flags, '-o', 'b.safetensors', '--held-back', '0.6'], folder)).toMatch(/Expected a number from 0 to 0.5/);
  });
});
