import { describe, expect, it } from 'vitest';
import { assignRows } from '../ts/kmeans/assignment.ts';
import type { TrainKernels } from '../ts/kmeans/kernels.ts';
import { inSteps } from '../ts/kmeans/passes.ts';
import { createSteps, pause } from '../ts/kmeans/steps.ts';
import { trainWith } from '../ts/kmeans/train.ts';
import { blockRows } from '../ts/model/blocks.ts';
import { type TrainOptions, type TrainProgress, train } from '../ts/reference/index.ts';
import { referenceKernels } from '../ts/reference/kernels.ts';
import { normalRows } from './support/rows.ts';

const rows = normalRows({ rows: 3000, dim: 8 });
const options: TrainOptions = { stages: 2, codewords: 32, iterations: 3 };

/** The reference's kernels, with a count of multiply-adds and of assigners that are open. */
function counting(stepSize: number) {
  const seen = { work: 0, open: 0, opened: 0, calls: 0 };
  const kernels: TrainKernels = {
    stepSize,
    spread: referenceKernels.spread,
    createAssigner(codewords, dim, grid) {
      const assigner = referenceKernels.createAssigner(codewords, dim, grid);
      seen.open++;
      seen.opened++;
      return {
        sums: assigner.sums,
        assign(block, codes) {
          seen.work += block.length * (codewords.length / dim);
          seen.calls++;
          return assigner.assign(block, codes);
        },
        close() {
          seen.open--;
        },
      };
    },
    createExtender(codewords, dim) {
      const extender = referenceKernels.createExtender(codewords, dim);
      seen.open++;
      seen.opened++;
      return {
        extend(residuals, entries, next, chosen) {
          seen.work += residuals.length * (codewords.length / dim);
          seen.calls++;
          return extender.extend(residuals, entries, next, chosen);
        },
        close() {
          seen.open--;
        },
      };
    },
  };
  return { kernels, seen };
}

describe('train', () => {
  it('lets other tasks run after every step of work', async () => {
    const stepSize = 100_000;
    const { kernels, seen } = counting(stepSize);
    const perTurn: number[] = [];
    let before = 0;
    let running = true;
    const watch = (): void => {
      perTurn.push(seen.work - before);
      before = seen.work;
      if (running) setImmediate(watch);
    };
    setImmediate(watch);
    await trainWith(inSteps(kernels), rows, options);
    running = false;
    const largestCall = Math.max(assignRows(8, 32) * 8 * 32, 512 * 8);
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(Math.max(stepSize, largestCall));
    expect(perTurn.length).toBeGreaterThan(seen.work / Math.max(stepSize, largestCall));
  });

  it('lets timers fire, too', async () => {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 0);
    for (let round = 0; round < 100 && !fired; round++) await trainWith(inSteps({ ...referenceKernels, stepSize: 10_000 }), rows, options);
    expect(fired).toBe(true);
  });

  it('closes every assigner that it opens, when it is done, stopped or broken', async () => {
    const whole = counting(1000);
    await trainWith(inSteps(whole.kernels), rows, options);
    expect(whole.seen.open).toBe(0);
    expect(whole.seen.opened).toBeGreaterThan(2 * (3 + 3 + 1)); // starts as they are and contracted, iterations, the end; and rounds of the seeding

    for (const stopAt of [1, 2, 5]) {
      const stopped = counting(1000);
      const abort = new AbortController();
      let told = 0;
      const onProgress = (): void => {
        if (++told === stopAt) abort.abort();
      };
      await expect(trainWith(inSteps(stopped.kernels), rows, { ...options, onProgress, signal: abort.signal })).rejects.toThrow();
      expect(stopped.seen.open).toBe(0);

      const broken = counting(1000);
      const fail = (): void => {
        throw new Error('no more');
      };
      await expect(trainWith(inSteps(broken.kernels), rows, { ...options, onProgress: fail })).rejects.toThrow('no more');
      expect(broken.seen.open).toBe(0);
    }
  });

  it('stops in the middle with the reason of the signal, leaving the rows as they were', async () => {
    const given = normalRows({ rows: 3000, dim: 8 });
    const before = given.data.slice();
    const abort = new AbortController();
    const reason = new Error('enough');
    const { kernels, seen } = counting(20_000);
    const training = trainWith(inSteps(kernels), given, { ...options, signal: abort.signal });
    for (let turn = 0; turn < 20; turn++) await pause();
    abort.abort(reason);
    const calls = seen.calls;
    await expect(training).rejects.toBe(reason);
    expect(calls).toBeGreaterThan(0);
    expect(seen.calls).toBe(calls);
    expect(given.data).toEqual(before);
  });

  it('does not begin when the signal is aborted already', async () => {
    const { kernels, seen } = counting(1000);
    await expect(trainWith(inSteps(kernels), rows, { ...options, signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(seen.calls).toBe(0);
  });

  it('leaves the rows as they were when it succeeds', async () => {
    const given = normalRows({ rows: 500, dim: 8 });
    const before = given.data.slice();
    await train(given, options);
    expect(given.data).toEqual(before);
  });

  it('tells of every iteration, with a fraction that only grows and ends at exactly 1', async () => {
    const events: TrainProgress[] = [];
    const { report } = await train(rows, { ...options, codewords: [32, 7], onProgress: (event) => events.push(event) });
    expect(events.map(({ stage, iteration }) => `${stage}.${iteration}`)).toEqual(['0.1', '0.2', '0.3', '1.1', '1.2', '1.3']);
    events.reduce((before, after) => {
      expect(after.fraction).toBeGreaterThan(before.fraction);
      return after;
    });
    for (const event of events) expect(event).toMatchObject({ stages: 2, iterations: 3 });
    expect(events[5].fraction).toBe(1);
    expect(events[5].mse / report.mse).toBeCloseTo(1, 1); // codewords that fit new rows better may fit these a little worse
  });

  it('jumps ahead where a stage ends early, and still ends at 1', async () => {
    const events: TrainProgress[] = [];
    const { report } = await train(rows, { stages: 2, codewords: 2, iterations: 1000, tolerance: 0.1, onProgress: (event) => events.push(event) });
    expect(report.stages[0].iterations).toBeLessThan(10);
    expect(events.length).toBe(report.stages[0].iterations + report.stages[1].iterations);
    expect(events[report.stages[0].iterations - 1].fraction).toBe(0.5);
    expect(events[events.length - 1].fraction).toBe(1);
  });

  it('tells of each stage once where there are no iterations', async () => {
    const events: TrainProgress[] = [];
    const { report } = await train(rows, { ...options, iterations: 0, onProgress: (event) => events.push(event) });
    expect(events.map(({ stage, iteration, fraction }) => [stage, iteration, fraction])).toEqual([
      [0, 0, 0.5],
      [1, 0, 1],
    ]);
    expect(events[1].mse).toBe(report.mse);
  });

  it('stops where an iteration gains no more than the tolerance, and with 0 only where nothing is gained', async () => {
    const iterationsAt = async (tolerance: number): Promise<number> =>
      (await train(rows, { stages: 1, codewords: 8, iterations: 500, tolerance })).report.stages[0].iterations;
    const [exact, fine, coarse] = [await iterationsAt(0), await iterationsAt(0.001), await iterationsAt(0.05)];
    expect(exact).toBeLessThan(500);
    expect(fine).toBeLessThan(exact);
    expect(coarse).toBeLessThan(fine);
    expect(coarse).toBeGreaterThanOrEqual(2);
  });
});

describe('assignRows', () => {
  it('never exceeds a block of rows, nor falls below four, whatever the shape', () => {
    for (const dim of [1, 2, 100, 4096]) {
      for (const codewords of [1, 2, 256, 65536]) {
        const block = assignRows(dim, codewords);
        expect(block).toBeGreaterThanOrEqual(4);
        expect(block).toBeLessThanOrEqual(blockRows(dim));
        if (block > 4) expect(block * dim * codewords).toBeLessThanOrEqual(2 ** 23);
      }
    }
  });
});

describe('createSteps', () => {
  it('asks for a pause only when a step is full', () => {
    const steps = createSteps(100, undefined);
    expect(steps.kernel(60)).toBeUndefined();
    expect(steps.kernel(40)).toBeUndefined();
    expect(steps.kernel(1)).toBeInstanceOf(Promise);
    expect(steps.kernel(99)).toBeUndefined();
  });

  it('asks for none before the first work, however large', () => {
    expect(createSteps(100, undefined).kernel(1e9)).toBeUndefined();
  });
});

describe('pause', () => {
  it('turns the event loop by messages where there is no setImmediate, and by timers where there are neither', async () => {
    const [immediate, channel] = [globalThis.setImmediate, globalThis.MessageChannel];
    try {
      Reflect.deleteProperty(globalThis, 'setImmediate');
      await pause();
      Reflect.deleteProperty(globalThis, 'MessageChannel');
      await pause();
    } finally {
      globalThis.setImmediate = immediate;
      globalThis.MessageChannel = channel;
    }
    expect(globalThis.setImmediate).toBe(immediate);
  });
});
