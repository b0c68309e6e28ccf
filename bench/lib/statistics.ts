// What repeated measurements say: median and spread, ratios of what ran in turn, and how a time grows. Pure functions.

export interface Summary {
  readonly median: number;
  /** The quartiles: half of the values lie between them. */
  readonly lower: number;
  readonly upper: number;
}

/** Median and quartiles, at least one value. Between two values it interpolates (Hyndman and Fan's type 7, as numpy does). */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('values: expected at least one, got none');
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** Half the distance between the quartiles, over the median: the "± 2 %" of a table. */
export function spread({ median, lower, upper }: Summary): number {
  return median === 0 ? 0 : (upper - lower) / 2 / median;
}

/** What one contender took in each round, and for how many rows. */
export interface Timed {
  readonly rows: number;
  /** Seconds of each round. */
  readonly seconds: readonly number[];
}

/**
 * How many times as fast as `other` `one` is, row for row. Each round gives a ratio of its own, as both ran in it back to back: what
 * slows the machine for a while slows both, and the ratio holds.
 */
export function timesAsFast(one: Timed, other: Timed): Summary {
  if (one.seconds.length !== other.seconds.length) {
    throw new RangeError(`rounds: expected as many for both, got ${one.seconds.length} and ${other.seconds.length}`);
  }
  return summarize(one.seconds.map((seconds, round) => other.seconds[round] / other.rows / (seconds / one.rows)));
}

/** Rows a second: of the median time; the quartiles change places, as the longer time is the lower rate. */
export function rowsPerSecond({ rows, seconds }: Timed): Summary {
  const { median, lower, upper } = summarize(seconds);
  return { median: rows / median, lower: rows / upper, upper: rows / lower };
}

/**
 * The exponent p of y ~ x^p: the least-squares slope of log y over log x. 1 is linear growth; below 1 there are costs that
 * do not grow.
 */
export function growthExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  if (new Set(points.map(({ x }) => x)).size < 2) throw new RangeError('points: expected at least two different x');
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const meanX = mean(logs.map(({ x }) => x));
  const meanY = mean(logs.map(({ y }) => y));
  const covariance = mean(logs.map(({ x, y }) => (x - meanX) * (y - meanY)));
  return covariance / mean(logs.map(({ x }) => (x - meanX) ** 2));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
