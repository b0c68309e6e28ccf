// The parts of a pool that need no worker: how rows are shared out, what becomes of jobs, and the memory of trainings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PART_WORK } from '../ts/model/work.ts';
import { Arena } from '../ts/pool/arena.ts';
import { Batch, type Job } from '../ts/pool/batch.ts';
import { shareRows } from '../ts/pool/share.ts';

describe('shareRows', () => {
  it('gives every row to one job, in order, in whole blocks of no more than 2 MB and a tenth of a second', () => {
    const shape = fc.record({
      rows: fc.integer({ min: 0, max: 10_000 }),
      block: fc.integer({ min: 1, max: 2000 }),
      dim: fc.integer({ min: 1, max: 4096 }),
      rowWork: fc.integer({ min: 1, max: 1e9 }),
      threads: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(shape, (shares) => {
        let next = 0;
        for (const { start, end } of shareRows(shares)) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          if (end < shares.rows) expect(end % shares.block).toBe(0);
          if (end - start > shares.block) {
            expect((end - start) * shares.dim).toBeLessThanOrEqual(2 ** 19);
            expect((end - start) * shares.rowWork).toBeLessThanOrEqual(PART_WORK);
          }
          next = end;
        }
        expect(next).toBe(shares.rows);
      }),
    );
  });

  it('begins with large jobs and ends with small ones, each worth its message', () => {
    const sizes = shareRows({ rows: 20_000, block: 64, dim: 8, rowWork: 2 ** 18, threads: 2 }).map(({ start, end }) => end - start);
    expect(sizes[0]).toBeGreaterThan(4000);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes.at(-2)).toBe(128); // 2^25 multiply-adds
    expect(shareRows({ rows: 20_000, block: 64, dim: 8, rowWork: 10, threads: 2 })).toEqual([{ start: 0, end: 20_000 }]);
  });
});

describe('the jobs of a call', () => {
  /** Five jobs, which note the answers that they took. */
  function jobs(): { batch: Batch; taken: number[] } {
    const taken: number[] = [];
    const job = (index: number): Job<'assign'> => ({
      kind: 'assign',
      ask: () => ({ rows: new Float32Array(), dim: 1, codewords: new Float32Array() }),
      take: () => taken.push(index),
    });
    return { batch: new Batch(Array.from({ length: 5 }, (_, index) => job(index))), taken };
  }
  const answer = { codes: new Uint16Array(), errors: new Float64Array() };

  function taker(batch: Batch) {
    return () => {
      const assigned = batch.next();
      if (assigned === undefined) throw new Error('no job waits');
      return assigned;
    };
  }

  it('are handed out in order, and done when all are answered, in whatever order', async () => {
    const { batch, taken } = jobs();
    const take = taker(batch);
    const [first, second, third] = [take(), take(), take()];
    batch.answer(third, answer);
    batch.repeat(first);
    expect(take()).toBe(first);
    const rest = [take(), take()];
    expect(batch.next()).toBeUndefined();
    for (const assigned of [...rest, first]) batch.answer(assigned, answer);
    expect(batch.unfinished).toBe(1);
    batch.answer(second, answer);
    await batch.done;
    expect(taken).toEqual([2, 3, 4, 0, 1]);
  });

  it('fail with the error of the first of them, once those before it are answered', async () => {
    const { batch } = jobs();
    const take = taker(batch);
    const [first, second, third] = [take(), take(), take()];
    batch.fail(third, new Error('third'));
    expect(batch.next()).toBeUndefined();
    expect(batch.unfinished).toBe(2);
    batch.repeat(first);
    batch.fail(second, new Error('second'));
    expect(take()).toBe(first);
    batch.answer(first, answer);
    await expect(batch.done).rejects.toThrow('second');
  });

  it('that come after one that failed are not done again', async () => {
    const { batch } = jobs();
    const take = taker(batch);
    const [first, second, third] = [take(), take(), take()];
    batch.repeat(third);
    batch.fail(first, new Error('first'));
    batch.repeat(second);
    expect(batch.next()).toBeUndefined();
    await expect(batch.done).rejects.toThrow('first');
  });

  it('end at once when they are cancelled', async () => {
    const { batch, taken } = jobs();
    const assigned = taker(batch)();
    batch.cancel('enough');
    await expect(batch.done).rejects.toBe('enough');
    batch.answer(assigned, answer);
    batch.repeat(assigned);
    expect([batch.next(), batch.unfinished, taken.length]).toEqual([undefined, 0, 0]);
  });

  it('are done at once where there are none', async () => {
    await new Batch([]).done;
  });
});

describe('the memory of trainings', () => {
  it('is shared, and used again by the next', () => {
    const arena = new Arena();
    const first = arena.lease();
    const [large, small] = [first.floats(1000), first.floats(10)];
    expect(large.buffer).toBeInstanceOf(SharedArrayBuffer);
    const other = arena.lease().floats(10);
    expect(other.buffer).not.toBe(small.buffer);
    first.end();
    const second = arena.lease();
    expect(second.floats(5).buffer).toBe(small.buffer);
    expect(second.floats(11).buffer).toBe(large.buffer);
    expect(second.floats(11).buffer).not.toBe(large.buffer);
  });
});
