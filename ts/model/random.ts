// Seeded random numbers, the same on every engine: integer arithmetic and IEEE operations that must round alike.

export interface Random {
  /** An integer from 0 to 2^32 - 1. */
  uint32(): number;
  /** A double from 0 (included) to 1 (not), with 53 bits. */
  uniform(): number;
  /** An integer from 0 to n - 1, n up to 2^32, each as likely. */
  below(n: number): number;
  /** A standard normal value. */
  normal(): number;
}

/**
 * xoshiro128** (Blackman and Vigna, 2018) seeded through splitmix32; `stream` gives independent sequences for one seed. Streams are set
 * apart by another constant than splitmix32's own step, or the state of one stream would be that of the next, moved by one word.
 */
export function createRandom(seed: number, stream = 0): Random {
  let mix = (seed ^ Math.imul(stream, 0x85ebca6b)) >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [next(), next(), next(), next()];

  function uint32(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  }
  function uniform(): number {
    return ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;
  }
  function below(n: number): number {
    const divisor = n >>> 0; // remainders of unsigned integers are ten times as fast as those of doubles
    if (divisor === 0) return uint32(); // n is 2^32
    const limit = 0x100000000 - (((0x100000000 - divisor) >>> 0) % divisor); // what lies above would favour small numbers
    for (;;) {
      const value = uint32();
      if (value < limit) return (value >>> 0) % divisor;
    }
  }
  let spare: number | undefined;
  /** Marsaglia's polar method (1964), with a logarithm of our own: engines' Math.log differ in the last bits. */
  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * naturalLog(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  }
  return { uint32, uniform, below, normal };
}

function rotate(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/**
 * ln(x) of a normal double x > 0: x = f * 2^e with f in [sqrt(1/2), sqrt(2)), ln f = 2 artanh(t), t = (f - 1) / (f + 1),
 * by its power series up to t^21 (|t| < 0.172, so what is cut off is below 1e-18).
 */
function naturalLog(x: number): number {
  let e = 0;
  let f = x;
  while (f < Math.SQRT1_2) {
    f *= 2;
    e--;
  }
  while (f >= Math.SQRT2) {
    f /= 2;
    e++;
  }
  const t = (f - 1) / (f + 1);
  const square = t * t;
  let series = 0;
  for (let n = 21; n >= 1; n -= 2) series = series * square + 1 / n;
  return 2 * t * series + e * Math.LN2;
}

/** `count` different integers below `total`, in random order: the first steps of a Fisher-Yates shuffle. */
export function sampleIndices(random: Random, count: number, total: number): number[] {
  const deck = count > total / DENSE_DECK ? denseDeck(total) : sparseDeck();
  const chosen: number[] = [];
  for (let i = 0; i < count; i++) {
    const j = i + random.below(total - i);
    chosen.push(deck.get(j));
    deck.set(j, deck.get(i));
  }
  return chosen;
}

/** Cards a card drawn from which on only the cards that moved are kept: a Map takes some 60 bytes and 200 ns for each. */
const DENSE_DECK = 16;

/** Numbers 0 to n - 1, each at its own place until another is set there. */
interface Deck {
  get(place: number): number;
  set(place: number, card: number): void;
}

function denseDeck(total: number): Deck {
  const cards = new Uint32Array(total);
  for (let i = 0; i < total; i++) cards[i] = i;
  return {
    get: (place) => cards[place],
    set(place, card) {
      cards[place] = card;
    },
  };
}

function sparseDeck(): Deck {
  const moved = new Map<number, number>();
  return {
    get: (place) => moved.get(place) ?? place,
    set(place, card) {
      moved.set(place, card);
    },
  };
}
