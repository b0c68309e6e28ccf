// Scales of a plot: values to places on the drawing, and the round values where ticks go.

export type ScaleKind = 'linear' | 'log';

/** A closed interval; its ends may be in either order where it means places. */
export type Interval = readonly [number, number];

export interface Scale {
  /** The place of a value. */
  (value: number): number;
  readonly domain: Interval;
}

/** Maps `domain` (values) to `range` (places) in a line, or by logarithm, for which the domain must be positive. */
export function createScale(kind: ScaleKind, domain: Interval, range: Interval): Scale {
  const warp = kind === 'log' ? Math.log10 : (value: number) => value;
  const [low, high] = [warp(domain[0]), warp(domain[1])];
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new Error(`domain: expected finite ends, positive for log, got ${domain.join(' to ')}`);
  const span = high - low === 0 ? 1 : high - low;
  const place = (value: number) => range[0] + ((warp(value) - low) / span) * (range[1] - range[0]);
  return Object.assign(place, { domain });
}

/** About `count` round values from `low` to `high`: steps of 1, 2 or 5 times a power of ten. */
export function linearTicks([low, high]: Interval, count: number): number[] {
  if (high <= low) return [low];
  const step = roundStep((high - low) / Math.max(1, count));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
}

/** 1, 2 and 5 times the powers of ten from `low` to `high`; the powers alone where that would be more than `count`. */
export function logTicks([low, high]: Interval, count: number): number[] {
  const ticks = [1, 2, 5].flatMap((factor) => powers(low, high).map((power) => tidy(factor * power)));
  const inside = ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)).sort((a, b) => a - b);
  if (inside.length <= count) return inside;
  return inside.filter((tick) => Number.isInteger(tidy(Math.log10(tick))));
}

/** The smallest domain around the values whose ends are round: where its outermost ticks would be. */
export function roundDomain(kind: ScaleKind, values: readonly number[], count: number): Interval {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (kind === 'linear') {
    const step = roundStep((high - low || Math.abs(high) || 1) / Math.max(1, count));
    return [tidy(Math.floor(low / step + 1e-9) * step), tidy(Math.ceil(high / step - 1e-9) * step)];
  }
  const candidates = logTicks([low / 10, high * 10], Number.POSITIVE_INFINITY);
  const below = candidates.filter((tick) => tick <= low * (1 + 1e-9));
  const above = candidates.filter((tick) => tick >= high * (1 - 1e-9));
  return [below[below.length - 1], above[0]];
}

/** The smallest of 1, 2, 5 and 10 times a power of ten that is not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return tidy(factor * power);
}

function powers(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** 0.30000000000000004 as 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
