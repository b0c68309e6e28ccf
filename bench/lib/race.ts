// Contenders at the same work, one repetition each in turn, so that whatever else the machine does meets all of them.

/** Someone who can do the work. */
export interface Entrant {
  readonly name: string;
  /** Rows of one repetition. A slow one may get fewer: it is compared row for row. */
  readonly rows: number;
  /** Does the work once; returns the seconds it took, without what is not part of the work. */
  run(): number | Promise<number>;
}

/** What an entrant took. */
export interface Contender {
  readonly name: string;
  readonly rows: number;
  /** Seconds of each round, in order. */
  readonly seconds: readonly number[];
}

/** How often a race is run. */
export interface Rounds {
  /** So often at least. */
  readonly least: number;
  /** Short work is done more often, until the slowest has worked so long. */
  readonly seconds: number;
}

const MOST_ROUNDS = 31;

/**
 * Runs every entrant once a round, after one round that does not count. Who begins moves on by one from round to round. The number of rounds
 * is odd, so that a median is a measured value.
 */
export async function race(entrants: readonly Entrant[], rounds: Rounds): Promise<Contender[]> {
  let slowest = 0;
  for (const entrant of entrants) slowest = Math.max(slowest, await entrant.run());
  const seconds = entrants.map((): number[] => []);
  const count = roundCount(rounds, slowest);
  for (let round = 0; round < count; round++) {
    for (let turn = 0; turn < entrants.length; turn++) {
      const at = (round + turn) % entrants.length;
      seconds[at].push(significant(await entrants[at].run()));
    }
  }
  return entrants.map(({ name, rows }, at) => ({ name, rows, seconds: seconds[at] }));
}

/** @param slowest seconds of one repetition */
export function roundCount({ least, seconds }: Rounds, slowest: number): number {
  return Math.max(least, Math.min(MOST_ROUNDS, Math.ceil(seconds / slowest))) | 1;
}

/** Seconds that `work` takes. */
export function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

/** Seconds until what `work` promises is there. */
export async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Six digits: the rest is noise, and would only lengthen the results. */
function significant(value: number): number {
  return Number(value.toPrecision(6));
}
