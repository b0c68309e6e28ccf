// What evaluate measures, and the arithmetic of it that is the same for every engine.
import { bitsPerStage, sum } from './codebook.ts';
import type { Codec } from './codec.ts';
import type { Codes } from './codes.ts';

/** How well a codebook codes some rows. An mse is the mean over rows of the summed squared difference, not divided by dim. */
export interface Evaluation {
  readonly rows: number;
  readonly dim: number;
  readonly stages: number;
  readonly codewords: readonly number[];
  /** Bits of one row's codes: the sum over stages of ceil(log2(codewords)). */
  readonly bitsPerRow: number;
  /** mse with all stages. Infinity where a difference is too large for float32. */
  readonly mse: number;
  /** mse with the first m + 1 stages. */
  readonly msePerStage: readonly number[];
  /** Total squared error over total squared norm of the rows. Where the rows are all zero, 0 if nothing is lost, else Infinity. */
  readonly relativeError: number;
  readonly relativeErrorPerStage: readonly number[];
  /** Shannon entropy of each stage's codes over log2(codewords): 1 where all are used alike. 1 for a stage of one codeword. */
  readonly entropyPerStage: readonly number[];
  /** Codewords of each stage that no row chose. */
  readonly deadPerStage: readonly number[];
}

/** Adds up what is measured of rows, however many parts they come in. */
export interface Tally {
  /**
   * @param sums for each block of the rows (see ts/model/blocks.ts), in order, `stages + 1` values: their summed squared norm, and their
   *   summed squared error after each stage. They are added block by block, so that they come to the same, to the last bit, for any parts
   *   of whole blocks
   */
  add(codes: Codes, sums: ArrayLike<number>): void;
  evaluation(): Evaluation;
}

export function createTally({ dim, codewords }: Codec): Tally {
  const stages = codewords.length;
  /** For each stage how many rows chose each codeword. */
  const usage = codewords.map((k) => new Float64Array(k));
  const totals = new Float64Array(stages + 1);
  let rows = 0;
  return {
    add({ data, rows: added }, sums) {
      rows += added;
      for (let i = 0; i < data.length; i++) usage[i % stages][data[i]]++;
      for (let i = 0; i < sums.length; i++) totals[i % totals.length] += sums[i];
    },
    evaluation() {
      const [squaredNorm, ...errors] = totals;
      const msePerStage = errors.map((error) => error / rows);
      const relativeErrorPerStage = errors.map((error) => (error === 0 ? 0 : error / squaredNorm));
      return {
        rows,
        dim,
        stages,
        codewords,
        bitsPerRow: sum(bitsPerStage(codewords)),
        mse: msePerStage[stages - 1],
        msePerStage,
        relativeError: relativeErrorPerStage[stages - 1],
        relativeErrorPerStage,
        entropyPerStage: usage.map((counts) => normalizedEntropy(counts)),
        deadPerStage: usage.map((counts) => deadCodewords(counts)),
      };
    },
  };
}

/** The evaluation of rows that came all at once; see Tally for `sums`. */
export function evaluationOf(codebook: Codec, codes: Codes, sums: ArrayLike<number>): Evaluation {
  const tally = createTally(codebook);
  tally.add(codes, sums);
  return tally.evaluation();
}

/** Entropy of the distribution `counts / sum(counts)`, divided by that of the uniform one. */
export function normalizedEntropy(counts: ArrayLike<number>): number {
  if (counts.length < 2) return 1;
  let total = 0;
  for (let k = 0; k < counts.length; k++) total += counts[k];
  let bits = 0;
  for (let k = 0; k < counts.length; k++) if (counts[k] > 0) bits -= (counts[k] / total) * Math.log2(counts[k] / total);
  return bits / Math.log2(counts.length);
}

export function deadCodewords(counts: ArrayLike<number>): number {
  let dead = 0;
  for (let k = 0; k < counts.length; k++) if (counts[k] === 0) dead++;
  return dead;
}

/** Codewords chosen by some, but by fewer than a tenth of what each had if all were chosen alike. */
export function nearDeadCodewords(counts: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < counts.length; k++) total += counts[k];
  let few = 0;
  for (let k = 0; k < counts.length; k++) if (counts[k] > 0 && 10 * counts.length * counts[k] < total) few++;
  return few;
}

/** What a report tells of how often each codeword of a stage is chosen. */
export function codewordUse(counts: ArrayLike<number>): { use: number[]; dead: number; nearDead: number; entropy: number } {
  return { use: Array.from(counts), dead: deadCodewords(counts), nearDead: nearDeadCodewords(counts), entropy: normalizedEntropy(counts) };
}
