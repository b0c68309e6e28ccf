// Rows and codewords of lengths far apart, side by side and in runs: what a scale that serves most rows of a tile has to stand.
import fc from 'fast-check';
import { type Codebook, codebook } from '../../ts/model/codebook.ts';
import { type Matrix, matrix } from '../../ts/model/matrix.ts';
import { createRandom } from '../../ts/model/random.ts';

export interface Mixture {
  readonly dim: number;
  readonly codewords: readonly number[];
  readonly rows: number;
  readonly seed: number;
  /** Decimal exponents: of most codewords and far rows, of what near rows have less, and of a value that is added to all (taken off where mirrored). */
  readonly exponent: number;
  readonly lower: number;
  readonly mean: number | null;
  /** Codewords and rows of one value each, not of normal ones. */
  readonly flat: boolean;
  /** Every second codeword is less the one before, so that their mean is near zero. */
  readonly mirrored: boolean;
  /** Rows of one length before others come. */
  readonly run: number;
  /** Far rows in ten that are a codeword of the first stage. */
  readonly odd: number;
}

export const mixtures: fc.Arbitrary<Mixture> = fc.record({
  dim: fc.constantFrom(1, 2, 3, 4, 7, 8, 16, 17, 33, 64, 96, 100, 128),
  codewords: fc.array(fc.constantFrom(1, 2, 3, 4, 8, 15, 16, 17, 32, 33, 64), { minLength: 1, maxLength: 4 }),
  rows: fc.constantFrom(1, 2, 3, 17, 40, 56, 257, 300, 600),
  seed: fc.nat(),
  exponent: fc.oneof(fc.integer({ min: -45, max: 38 }), fc.integer({ min: 17, max: 38 })),
  lower: fc.integer({ min: 0, max: 30 }),
  mean: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.integer({ min: -45, max: 38 }) }),
  flat: fc.boolean(),
  mirrored: fc.boolean(),
  run: fc.constantFrom(1, 7, 16, 40, 256),
  odd: fc.constantFrom(0, 0, 1, 5),
});

/** Codebook and rows of a mixture. The same mixture gives the same ones. */
export function mix({ dim, codewords, rows, seed, exponent, lower, mean, flat, mirrored, run, odd }: Mixture): {
  codebook: Codebook;
  vectors: Matrix;
} {
  const random = createRandom(seed, 5);
  const [large, small, shift] = [10 ** exponent, 10 ** (exponent - lower), mean === null ? 0 : 10 ** mean];
  const line = (scale: number): Float32Array => {
    const sign = random.below(2) === 0 ? 1 : -1;
    return Float32Array.from({ length: dim }, () => finite(shift + scale * (flat ? sign : random.normal())));
  };
  const total = codewords.reduce((a, b) => a + b, 0);
  const words = new Float32Array(total * dim);
  for (let k = 0; k < total; k++) {
    const before = words.subarray((k - 1) * dim, k * dim);
    const factors = [0, 1, 1, 1, 0.1, 1e-3, small / large];
    words.set(mirrored && k % 2 === 1 ? before.map((value) => -value) : line(large * factors[random.below(factors.length)]), k * dim);
  }
  const values = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    const far = Math.floor(row / run) % 2 === 1;
    const first = random.below(codewords[0]) * dim;
    const scale = far ? large * [1, 1, 0.3, 2][random.below(4)] : small;
    const isOdd = far && random.below(10) < odd;
    values.set(isOdd ? words.subarray(first, first + dim) : line(scale), row * dim);
  }
  return { codebook: codebook(words, { dim, codewords }), vectors: matrix(values, dim) };
}

/** As a float32, and no infinity. */
function finite(value: number): number {
  const most = (2 - 2 ** -23) * 2 ** 127;
  return Math.max(-most, Math.min(most, value));
}
