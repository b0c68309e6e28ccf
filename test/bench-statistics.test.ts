import { describe, expect, it } from 'vitest';
import { growthOf, nanosecondsPerMultiplyAdd } from '../bench/lib/growth.ts';
import { type Entrant, race, roundCount } from '../bench/lib/race.ts';
import type { Race } from '../bench/lib/results.ts';
import { allShapes, BEAMS, MIDDLE, type Shape, shapeName, VARIED } from '../bench/lib/shapes.ts';
import { growthExponent, rowsPerSecond, spread, summarize, timesAsFast } from '../bench/lib/statistics.ts';

describe('summarize', () => {
  it('gives median and quartiles, in any order of the values', () => {
    expect(summarize([5, 1, 3, 2, 4])).toEqual({ median: 3, lower: 2, upper: 4 });
  });

  it('interpolates between two values', () => {
    expect(summarize([1, 2, 3, 4])).toEqual({ median: 2.5, lower: 1.75, upper: 3.25 });
  });

  it('takes one value as it is, and refuses none', () => {
    expect(summarize([7])).toEqual({ median: 7, lower: 7, upper: 7 });
    expect(() => summarize([])).toThrow(RangeError);
  });

  it('leaves its input as it was', () => {
    const values = [3, 1, 2];
    summarize(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('has half the distance of the quartiles as its spread', () => {
    expect(spread({ median: 10, lower: 9, upper: 12 })).toBeCloseTo(0.15);
    expect(spread({ median: 0, lower: 0, upper: 0 })).toBe(0);
  });
});

describe('timesAsFast', () => {
  it('is the ratio of the times, row for row', () => {
    expect(timesAsFast({ rows: 100, seconds: [1] }, { rows: 10, seconds: [1] }).median).toBe(10);
  });

  it('is not moved by what slows both in the same round', () => {
    const ratio = timesAsFast({ rows: 1, seconds: [1, 5, 1] }, { rows: 1, seconds: [2, 10, 2] });
    expect(ratio).toEqual({ median: 2, lower: 2, upper: 2 });
  });

  it('refuses different numbers of rounds', () => {
    expect(() => timesAsFast({ rows: 1, seconds: [1, 2] }, { rows: 1, seconds: [1] })).toThrow('got 2 and 1');
  });
});

it('rows a second have their quartiles in order', () => {
  expect(rowsPerSecond({ rows: 100, seconds: [1, 2, 4, 5, 10] })).toEqual({ median: 25, lower: 20, upper: 50 });
});

describe('growthExponent', () => {
  it.each([0.5, 1, 2])('finds the power %d', (power) => {
    expect(growthExponent([1, 2, 4, 16].map((x) => ({ x, y: 3 * x ** power })))).toBeCloseTo(power, 10);
  });

  it('needs two different x', () => {
    expect(() => growthExponent([1, 1].map((x) => ({ x, y: x })))).toThrow(RangeError);
  });
});

describe('growthOf', () => {
  const encode = (shape: Partial<Shape>, rows: number, seconds: number): Race => ({
    work: 'encode',
    shape: { ...MIDDLE, ...shape },
    contenders: [{ name: 'ours', rows, seconds: [seconds] }],
    check: '',
  });
  const races = [
    encode({}, 1000, 8),
    encode({ stages: 4 }, 1000, 4),
    encode({ dim: 32 }, 4000, 8),
    encode({}, 500, 4),
    { ...encode({}, 9000, 1), work: 'decode' } as const,
  ];

  it('reads one factor, a row at a time, from the races that differ in it alone', () => {
    expect(growthOf(races, 'stages', 'ours')?.points).toEqual([
      { x: 4, y: 0.004 },
      { x: 8, y: 0.008 },
    ]);
    expect(growthOf(races, 'dim', 'ours')?.exponent).toBeCloseTo(1, 10);
  });

  it('reads rows from the middle, all of them at a time', () => {
    expect(growthOf(races, 'rows', 'ours')?.points).toEqual([
      { x: 500, y: 4 },
      { x: 1000, y: 8 },
    ]);
  });

  it('is undefined where a factor was not varied, or nobody of the name ran', () => {
    expect(growthOf(races, 'codewords', 'ours')).toBeUndefined();
    expect(growthOf(races, 'stages', 'others')).toBeUndefined();
  });

  it('costs the same a multiply-add where it is linear', () => {
    expect(nanosecondsPerMultiplyAdd(races[1])).toBeCloseTo(nanosecondsPerMultiplyAdd(races[0]), 6);
  });
});

describe('race', () => {
  function entrants(log: string[], names: readonly string[]): Entrant[] {
    return names.map((name) => ({ name, rows: 1, run: () => log.push(name) }));
  }

  it('runs everyone once a round in turn, and another one begins each time, after a round that does not count', async () => {
    const log: string[] = [];
    const contenders = await race(entrants(log, ['a', 'b', 'c']), { least: 3, seconds: 0 });
    expect(log.join('')).toBe('abcabcbcacab');
    expect(contenders.map(({ name, seconds }) => [name, seconds])).toEqual([
      ['a', [4, 9, 11]],
      ['b', [5, 7, 12]],
      ['c', [6, 8, 10]],
    ]);
  });

  it('runs short work more often, at most 31 times, always an odd number', () => {
    expect(roundCount({ least: 9, seconds: 2 }, 1)).toBe(9);
    expect(roundCount({ least: 9, seconds: 2 }, 0.1)).toBe(21);
    expect(roundCount({ least: 9, seconds: 2 }, 0.0001)).toBe(31);
    expect(roundCount({ least: 4, seconds: 0 }, 1)).toBe(5);
  });
});

describe('allShapes', () => {
  it('has every shape once, the middle first, and varies one factor at a time', () => {
    const shapes = allShapes();
    expect(shapes[0]).toEqual(MIDDLE);
    expect(new Set(shapes.map(shapeName)).size).toBe(shapes.length);
    const values = VARIED.dim.length + VARIED.stages.length + VARIED.codewords.length + BEAMS.length;
    expect(shapes).toHaveLength(values - 3);
  });
});
