// What train reports beside the codebook: rows held back, use of codewords, warnings, and the time that is left.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { codebook as makeCodebook, evaluate as wasmEvaluate, train as wasmTrain } from '../ts/index.ts';
import type { TrainKernels } from '../ts/kmeans/kernels.ts';
import { inSteps } from '../ts/kmeans/passes.ts';
import { readSettings } from '../ts/kmeans/plan.ts';
import { trainWith } from '../ts/kmeans/train.ts';
import { warningsOf } from '../ts/kmeans/warnings.ts';
import { codewordUse } from '../ts/model/evaluation.ts';
import type { StageReport, TrainProgress, TrainReport } from '../ts/model/training.ts';
import { evaluate, matrix, type TrainOptions, train } from '../ts/reference/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';
import { openPool, threads } from './support/pool.ts';
import { normalRows, rowOf } from './support/rows.ts';

const rows = normalRows({ rows: 600, dim: 6 });
const options: TrainOptions = { stages: 3, codewords: 8, iterations: 4 };

describe('rows held back', () => {
  it('do not train, and are measured after every stage, alike on every engine', async () => {
    const found = await train(rows, { ...options, heldBack: 0.25 });
    expect(found.report).toMatchObject({ rows: 600, rowsUsed: 450, rowsHeldBack: 150 });
    expect(await wasmTrain(rows, { ...options, heldBack: 0.25 })).toEqual(found);
    expect(await openPool(threads, { threads: 3 }).train(rows, { ...options, heldBack: 0.25 })).toEqual(found);

    // the sum over all rows is the sum of both parts
    const { msePerStage } = evaluate(found.codebook, rows);
    for (const [m, { mse, heldBackMse }] of found.report.stages.entries()) {
      expect((450 * mse + 150 * (heldBackMse ?? Number.NaN)) / 600 / msePerStage[m]).toBeCloseTo(1, 12);
    }
    expect(found.report.heldBackMse).toBe(found.report.stages[2].heldBackMse);
    expect(found.report.heldBackMse).toBeGreaterThan(found.report.mse);
  });

  it('are measured with the beam, and after refinement', async () => {
    const { codebook, report } = await wasmTrain(rows, { ...options, heldBack: 0.5, beam: 3, refine: 1 });
    const { mse } = wasmEvaluate(codebook, rows, { beam: 3 });
    expect((report.mse + (report.heldBackMse ?? Number.NaN)) / 2 / mse).toBeCloseTo(1, 12);
  });

  it('are those that are not needed where none are asked for, and change no codeword', async () => {
    const drawn = await train(rows, { ...options, maxRowsPerCodeword: 40 });
    expect(drawn.report).toMatchObject({ rows: 600, rowsUsed: 320, rowsHeldBack: 40 });
    const all = await train(rows, options);
    expect(all.report).toMatchObject({ rowsUsed: 600, rowsHeldBack: 0 });
    expect(all.report.heldBackMse).toBeUndefined();
    expect(all.report.stages[0].heldBackMse).toBeUndefined();
    const none = await train(rows, { ...options, heldBack: 0 });
    expect(none).toEqual(all);
  });

  it('must leave enough rows to train on', async () => {
    await expect(train(rows, { stages: 1, codewords: 500, heldBack: 0.25 })).rejects.toMatchObject({
      code: 'TOO_FEW_ROWS',
      message: 'vectors: 600 rows, 150 of them held back, cannot train 500 codewords: give 667 rows at least, or ask for fewer codewords',
    });
    expect((await wasmTrain(rows, { stages: 1, codewords: 450, heldBack: 0.25, iterations: 1 })).report.rowsUsed).toBe(450);
    const enough = normalRows({ rows: 667, dim: 2 });
    expect((await wasmTrain(enough, { stages: 1, codewords: 500, heldBack: 0.25, iterations: 0 })).report.rowsUsed).toBe(501);
  });
});

describe('the use of codewords', () => {
  it('counts those without rows, and those with less than a tenth of an even share', () => {
    expect(codewordUse([10, 10, 10, 10])).toEqual({ use: [10, 10, 10, 10], dead: 0, nearDead: 0, entropy: 1 });
    expect(codewordUse([97, 2, 1, 0])).toMatchObject({ dead: 1, nearDead: 2 }); // a tenth of 25 is 2.5
    expect(codewordUse([38, 1, 1, 0])).toMatchObject({ dead: 1, nearDead: 0 }); // a tenth of 10 is 1, which is not less
    expect(codewordUse([5])).toEqual({ use: [5], dead: 0, nearDead: 0, entropy: 1 });
  });

  it('is in the report of each stage', async () => {
    // one row of a thousand is far away: its codeword has it alone
    const data = normalRows({ rows: 1000, dim: 2 });
    data.data.set([1e4, 1e4], 0);
    const { report } = await train(data, { stages: 1, codewords: 8 });
    expect(report.stages[0]).toMatchObject({ dead: 0, nearDead: 1 });
    expect(report.stages[0].use.reduce((a, b) => a + b, 0)).toBe(1000);
    expect([...report.stages[0].use].sort((a, b) => a - b)[0]).toBe(1);
    expect(report.stages[0].entropy).toBeLessThan(1);
  });
});

describe('warnings', () => {
  const settings = readSettings({ stages: 2, codewords: 4 });
  const plan = { ...settings, dim: 3 };
  const stage: StageReport = {
    codewords: 4,
    rows: 400,
    mse: 2,
    iterations: 0,
    msePerIteration: [],
    repaired: 0,
    use: [100, 100, 100, 100],
    dead: 0,
    nearDead: 0,
    entropy: 1,
  };
  const report: Omit<TrainReport, 'warnings'> = {
    rows: 500,
    rowsUsed: 400,
    rowsHeldBack: 100,
    seed: 1,
    mse: 1,
    heldBackMse: 1.1,
    stages: [stage, stage],
    refinements: [],
  };

  it('are none where all is well', () => {
    expect(warningsOf(plan, report)).toEqual([]);
  });

  it('tell of overfitting and what to do', () => {
    expect(warningsOf(plan, { ...report, heldBackMse: 1.5 })).toEqual([
      'Rows held back fit 50 % worse than those that trained: give more rows, or ask for fewer codewords or stages.',
    ]);
    expect(warningsOf(plan, { ...report, rows: 5000, heldBackMse: 1.5 })[0]).toContain('raise maxRowsPerCodeword, now 256');
    expect(warningsOf(plan, { ...report, mse: 0, heldBackMse: 1.5 })[0]).toContain('while those that trained fit exactly');
    expect(warningsOf(plan, { ...report, rowsHeldBack: 5, heldBackMse: 1.5 })).toEqual([]); // so few say nothing
  });

  it('tell from which stage on rows held back gain nothing', () => {
    const stages = [
      { ...stage, heldBackMse: 2 },
      { ...stage, heldBackMse: 2.1 },
    ];
    expect(warningsOf(plan, { ...report, stages })).toEqual([
      'From stage 1 on (stages count from 0) rows held back fit no better: give more rows, or ask for 1 stage.',
    ]);
  });

  it('tell of dead codewords', () => {
    expect(warningsOf(plan, { ...report, stages: [stage, { ...stage, dead: 3 }] })).toEqual([
      'No training row chose 3 of the 4 codewords of stage 1 (stages count from 0): ask for fewer codewords, or give rows that differ more.',
    ]);
  });

  it('come of a training that overfits', async () => {
    const few = normalRows({ rows: 300, dim: 24 });
    const { report } = await wasmTrain(few, { stages: 4, codewords: 64, heldBack: 0.3 });
    expect(report.warnings.some((warning) => warning.startsWith('Rows held back fit') || warning.startsWith('From stage'))).toBe(true);
    expect(report.warnings.join(' ')).toContain('give more rows');
  });
});

describe('the time that is left', () => {
  /** Trains by a clock that the work of the kernels moves on. */
  async function timed(more: Partial<TrainOptions>) {
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
    onTestFinished(() => now.mockRestore());
    const kernels: TrainKernels = {
      ...referenceKernels,
      createAssigner(codewords, dim, grid) {
        const assigner = referenceKernels.createAssigner(codewords, dim, grid);
        return {
          ...assigner,
          assign(block, codes) {
            clock += (block.length * codewords.length) / dim;
            return assigner.assign(block, codes);
          },
        };
      },
      createExtender(codewords, dim) {
        const extender = referenceKernels.createExtender(codewords, dim);
        return {
          ...extender,
          extend(block, entries, next, chosen) {
            clock += (2 * block.length * codewords.length) / dim;
            return extender.extend(block, entries, next, chosen);
          },
        };
      },
    };
    const events: (TrainProgress & { at: number })[] = [];
    const onProgress = (event: TrainProgress) => void events.push({ ...event, at: clock });
    await trainWith(inSteps(kernels), normalRows({ rows: 1500, dim: 4 }), {
      stages: 4,
      codewords: [32, 8, 32, 16],
      iterations: 6,
      onProgress,
      ...more,
    });
    return { events, end: clock };
  }

  it.each([{}, { beam: 4 }, { maxRowsPerCodeword: 30 }, { init: 'random' as const }])(
    'is about what the rest takes, and ends at 0: %o',
    async (more) => {
      const { events, end } = await timed(more);
      expect(events.at(-1)).toMatchObject({ fraction: 1, secondsLeft: 0 });
      for (const { fraction, secondsLeft = Number.NaN, at } of events.slice(0, -1)) {
        const takes = (end - at) / 1000;
        expect(secondsLeft).toBeGreaterThan(0);
        if (fraction < 0.2 || fraction > 0.9) continue;
        expect(secondsLeft).toBeGreaterThan(takes / 1.75);
        expect(secondsLeft).toBeLessThan(takes * 1.75);
      }
    },
  );
});

describe('the progress', () => {
  it('tells of refinement by its rounds', async () => {
    const rounds: (number | undefined)[] = [];
    await wasmTrain(rows, { ...options, stages: 1, iterations: 2, refine: 2, onProgress: ({ round }) => rounds.push(round) });
    expect(rounds).toEqual([undefined, undefined, 0, 1, 2]); // the weight chosen, and two rounds
  });
});

describe('the id of a codebook', () => {
  it('changes with every byte of it', async () => {
    const { codebook } = await train(matrix([rowOf(rows, 0), rowOf(rows, 1)]), { stages: 1, codewords: 2 });
    const ids = new Set([codebook.id]);
    const bytes = codebook.data.byteLength;
    for (let byte = 0; byte < bytes; byte++) {
      for (const bit of byte % 4 === 3 ? [0, 7] : [0, 3, 7]) {
        const data = codebook.data.slice();
        new Uint8Array(data.buffer)[byte] ^= 1 << bit;
        ids.add(makeCodebook(data, { dim: 6, codewords: [2] }).id);
      }
    }
    ids.add(makeCodebook(codebook.data, { dim: 3, codewords: [4] }).id);
    ids.add(makeCodebook(codebook.data, { dim: 6, codewords: [1, 1] }).id);
    expect(ids.size).toBe(1 + (bytes / 4) * (3 * 3 + 2) + 2);
  });
});
