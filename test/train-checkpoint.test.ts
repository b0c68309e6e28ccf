// Checkpoints of a training, and going on from them.
import { describe, expect, it } from 'vitest';
import { train as wasmTrain } from '../ts/index.ts';
import type { TrainCheckpoint, TrainProgress } from '../ts/model/training.ts';
import { type TrainOptions, train } from '../ts/reference/index.ts';
import { openPool, threads } from './support/pool.ts';
import { normalRows } from './support/rows.ts';

const rows = normalRows({ rows: 500, dim: 5 });
const codewords = [8, 16, 8];
const options: TrainOptions = { stages: 3, codewords, iterations: 3 };

async function withCheckpoints(more: Partial<TrainOptions> = {}) {
  const made: TrainCheckpoint[] = [];
  const result = await wasmTrain(rows, { ...options, ...more, onCheckpoint: (checkpoint) => void made.push(checkpoint) });
  return { made, result };
}

describe('a checkpoint', () => {
  it('is made after every stage and every round of refinement, and holds what is done', async () => {
    const { made, result } = await withCheckpoints({ refine: 2 });
    expect(made.map(({ stages, refinements }) => [stages.length, refinements.length])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
      [3, 2],
    ]);
    for (const { codebook, stages, settings, vectors } of made) {
      expect(settings).toMatchObject({ codewords, refine: 2, iterations: 3, init: 'k-means++', seed: 1, start: null, heldBack: null });
      expect(codebook.codewords).toEqual(codewords.slice(0, stages.length));
      expect(vectors).toBe(made[0].vectors);
    }
    expect(made[4].codebook).toEqual(result.codebook);
    expect(made[0].codebook.data).toEqual(made[1].codebook.data.subarray(0, 8 * 5));
  });

  it('is waited for, and ends the training where it fails', async () => {
    const order: string[] = [];
    await train(rows, {
      ...options,
      async onCheckpoint({ stages }) {
        order.push(`begun ${stages.length}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`done ${stages.length}`);
      },
    });
    expect(order).toEqual(['begun 1', 'done 1', 'begun 2', 'done 2', 'begun 3', 'done 3']);
    const full = new Error('disk full');
    const fails = () => Promise.reject(full);
    await expect(train(rows, { ...options, onCheckpoint: fails })).rejects.toBe(full);
  });

  it.each([
    ['greedy', {}],
    ['with a beam', { beam: 4 }],
    ['refined', { refine: 2 }],
    ['refined, with a beam and rows held back', { beam: 3, refine: 2, heldBack: 0.1 }],
    ['drawn rows, from a codebook', { maxRowsPerCodeword: 20, seed: 9 }],
  ] as const)('leads to the very same codebook and report, from every point: %s', async (_, more) => {
    const { made, result } = await withCheckpoints(more);
    expect((await wasmTrain(rows, { ...options, ...more })).codebook).toEqual(result.codebook);
    const pool = openPool(threads, { threads: 2 });
    for (const [i, checkpoint] of made.entries()) {
      const resume = structuredClone(checkpoint);
      const again: TrainCheckpoint[] = [];
      expect(await train(rows, { ...options, ...more, resume, onCheckpoint: (next) => void again.push(next) })).toEqual(result);
      expect(again).toEqual(made.slice(i + 1));
      expect(await wasmTrain([rows], { ...options, ...more, resume })).toEqual(result);
      expect(await pool.train(rows, { ...options, ...more, resume })).toEqual(result);
      expect(resume).toEqual(checkpoint);
    }
  });

  it('leads on to more rounds of refinement than it was made for, and not to fewer than it has', async () => {
    const { made } = await withCheckpoints({ refine: 1 });
    const { result } = await withCheckpoints({ refine: 3 });
    expect(await wasmTrain(rows, { ...options, refine: 3, resume: made[3] })).toEqual(result);
    await expect(train(rows, { ...options, refine: 0, resume: made[3] })).rejects.toMatchObject({
      message: 'train option resume: expected refine 1 or more, as so many rounds are done, got 0',
    });
  });

  it('resumes a training that starts from a codebook', async () => {
    const start = (await train(rows, { ...options, seed: 3 })).codebook;
    const { made, result } = await withCheckpoints({ start });
    expect(await train(rows, { ...options, start, resume: made[1] })).toEqual(result);
    await expect(train(rows, { ...options, resume: made[1] })).rejects.toMatchObject({ subject: 'train option resume' });
  });

  it('is refused by other options, seeds or rows, which the error names', async () => {
    const [first] = (await withCheckpoints()).made;
    const others: [Partial<TrainOptions>, string][] = [
      [{ iterations: 4 }, 'iterations 3, as it was made with, got 4'],
      [{ seed: 2 }, 'seed 1, as it was made with, got 2'],
      [{ init: 'random' }, 'init "k-means++", as it was made with, got "random"'],
      [{ maxRowsPerCodeword: 20 }, 'maxRowsPerCodeword 256, as it was made with, got 20'],
      [{ tolerance: 0.1 }, 'tolerance 0, as it was made with, got 0.1'],
      [{ beam: 2 }, 'beam 1, as it was made with, got 2'],
      [{ heldBack: 0.1 }, 'heldBack null, as it was made with, got 0.1'],
      [{ codewords: [8, 16, 9] }, 'codewords [8,16,8], as it was made with, got [8,16,9]'],
      [{ stages: 2, codewords: [8, 16] }, 'codewords [8,16,8], as it was made with, got [8,16]'],
    ];
    for (const [other, message] of others) {
      await expect(train(rows, { ...options, ...other, resume: first })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `train option resume: expected ${message}`,
      });
    }
    const changed = { ...rows, data: rows.data.slice() };
    changed.data[17] += 1e-6;
    await expect(train(changed, { ...options, resume: first })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        /^train option resume: expected the vectors that it was made with, whose .* the id [0-9a-f]{32}, got [0-9a-f]{32}$/,
      ),
    });
    await expect(train(normalRows({ rows: 500, dim: 6 }), { ...options, resume: first })).rejects.toMatchObject({
      code: 'DIM_MISMATCH',
      message: 'vectors: expected rows of dim 5, as the checkpoint has, got dim 6',
    });
  });

  it('is refused where it is no checkpoint, or was damaged', async () => {
    const [, second] = (await withCheckpoints()).made;
    const stage = second.stages[1];
    const damaged: [unknown, string][] = [
      [null, 'train option resume'],
      [0, 'train option resume'],
      ['', 'train option resume'],
      [[], 'train option resume'],
      [{}, 'train option resume.codebook'],
      [{ ...second, codebook: null }, 'train option resume.codebook'],
      [{ ...second, vectors: 5 }, 'train option resume.vectors'],
      [{ ...second, vectors: 'x' }, 'train option resume.vectors'],
      [{ ...second, settings: null }, 'train option resume.settings'],
      [{ ...second, settings: { ...second.settings, codewords: 8 } }, 'train option resume.settings.codewords'],
      [{ ...second, settings: { ...second.settings, refine: -1 } }, 'train option resume.settings.refine'],
      [{ ...second, settings: { ...second.settings, codewords: [8] } }, 'train option resume.codebook'],
      [{ ...second, settings: { ...second.settings, codewords: [8, 17, 8] } }, 'train option resume.codebook'],
      [{ ...second, stages: undefined }, 'train option resume.stages'],
      [{ ...second, stages: [] }, 'train option resume.stages'],
      [{ ...second, stages: [stage, null] }, 'train option resume.stages[1]'],
      [{ ...second, stages: [stage, stage] }, 'train option resume.stages[0].codewords'],
      [{ ...second, stages: [second.stages[0], { ...stage, mse: Number.NaN }] }, 'train option resume.stages[1].mse'],
      [{ ...second, stages: [second.stages[0], { ...stage, msePerIteration: [1] }] }, 'train option resume.stages[1].msePerIteration'],
      [{ ...second, stages: [second.stages[0], { ...stage, use: [500] }] }, 'train option resume.stages[1].use'],
      [{ ...second, stages: [second.stages[0], { ...stage, use: stage.use.map((rows) => rows + 1) }] }, 'train option resume.stages[1].use'],
      [{ ...second, stages: [second.stages[0], { ...stage, use: stage.use.map(String) }] }, 'train option resume.stages[1].use[0]'],
      [{ ...second, refinements: null }, 'train option resume.refinements'],
      [{ ...second, refinements: [{ weight: 10, axisWeight: 0, mse: 1 }] }, 'train option resume.refinements'],
      [{ ...second, refinements: [{ weight: 10, mse: 1 }] }, 'train option resume.refinements[0].axisWeight'],
      [{ ...second, refinements: [{ weight: -1, mse: 1 }] }, 'train option resume.refinements[0].weight'],
    ];
    for (const [resume, subject] of damaged) {
      // @ts-expect-error what plain JavaScript may pass
      await expect(train(rows, { ...options, resume }), subject).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', subject });
    }
  });

  it('is told of in the progress, which goes on from there', async () => {
    const { made } = await withCheckpoints({ refine: 1 });
    for (const resume of made) {
      const events: TrainProgress[] = [];
      await train(rows, { ...options, refine: 1, resume, onProgress: (event) => events.push(event) });
      events.reduce((before, after) => {
        expect(after.fraction).toBeGreaterThan(before.fraction);
        return after;
      });
      expect(events.at(-1)?.fraction).toBe(1);
      for (const { fraction, secondsLeft } of events) {
        if (fraction === 1) expect(secondsLeft).toBe(0);
        else if (secondsLeft !== undefined) expect(secondsLeft).toBeGreaterThan(0);
      }
    }
  });

  it('does not outlive an abort while it is being written', async () => {
    const abort = new AbortController();
    const training = train(rows, { ...options, signal: abort.signal, onCheckpoint: () => abort.abort('enough') });
    await expect(training).rejects.toBe('enough');
  });
});
