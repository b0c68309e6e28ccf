// Does the time grow linearly in rows, stages, codewords and dim? Reads it from races in which one factor was varied. Pure functions.
import type { Race } from './results.ts';
import { type Factor, isMiddle, MIDDLE, multiplyAdds } from './shapes.ts';
import { growthExponent, summarize } from './statistics.ts';

/** One point of a curve. */
export interface GrowthPoint {
  readonly x: number;
  /** Seconds: of all rows where rows are varied, else of one. */
  readonly y: number;
}

export interface Growth {
  readonly factor: Factor | 'rows';
  readonly contender: string;
  /** Ordered by x, two at least. */
  readonly points: readonly GrowthPoint[];
  /** y ~ x^exponent. */
  readonly exponent: number;
}

/** Of the encode races, those that differ from the middle in this factor alone. Empty where less than two values were measured. */
export function growthOf(races: readonly Race[], factor: Factor | 'rows', contender: string): Growth | undefined {
  const points = new Map<number, number>();
  const middles = races.filter(({ work, shape }) => work === 'encode' && isMiddle(shape));
  const mostRows = Math.max(...middles.flatMap(({ contenders }) => contenders.map(({ rows }) => rows)));
  for (const race of races) {
    const entry = race.contenders.find(({ name }) => name === contender);
    if (race.work !== 'encode' || entry === undefined || !onlyVaries(race, factor)) continue;
    const seconds = summarize(entry.seconds).median;
    if (factor === 'rows') points.set(entry.rows, seconds);
    else if (!isMiddle(race.shape) || entry.rows === mostRows) points.set(race.shape[factor], seconds / entry.rows);
  }
  if (points.size < 2) return undefined;
  const ordered = [...points].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
  return { factor, contender, points: ordered, exponent: growthExponent(ordered) };
}

/** Nanoseconds a multiply-add of the full search would have taken: the same number in every shape where cost is linear. */
export function nanosecondsPerMultiplyAdd({ shape, contenders }: Race): number {
  const [{ rows, seconds }] = contenders;
  return (summarize(seconds).median * 1e9) / rows / multiplyAdds(shape);
}

function onlyVaries({ shape }: Race, factor: Factor | 'rows'): boolean {
  return isMiddle(factor === 'rows' ? shape : { ...shape, [factor]: MIDDLE[factor] });
}
