import { describe, expect, it } from 'vitest';
import { createRandom, sampleIndices } from '../ts/model/random.ts';

describe('createRandom', () => {
  it('gives the sequence of xoshiro128** seeded by splitmix32, written once more in BigInt', () => {
    for (const seed of [0, 1, 42, 0xffffffff]) {
      const random = createRandom(seed);
      const expected = slowXoshiro(slowSplitmix(seed));
      for (let i = 0; i < 200; i++) expect(random.uint32()).toBe(expected());
    }
  });

  it('has an oracle that starts as the published generator does from the state 1, 2, 3, 4', () => {
    const next = slowXoshiro([1n, 2n, 3n, 4n]);
    expect([next(), next(), next(), next()]).toEqual([11520, 0, 5927040, 70819200]);
  });

  it('gives these numbers on every engine', () => {
    const random = createRandom(1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual(GOLDEN.uint32);
    expect([random.uniform(), random.uniform()]).toEqual(GOLDEN.uniform);
    expect([random.below(10), random.below(1000), random.below(2 ** 32)]).toEqual(GOLDEN.below);
    expect([random.normal(), random.normal(), random.normal()]).toEqual(GOLDEN.normal);
    expect([createRandom(1, 1).uint32(), createRandom(1, 2).uint32(), createRandom(0, 1).uint32()]).toEqual(GOLDEN.streams);
  });

  it('gives streams that share no number in their first thousand', () => {
    for (const seed of [0, 1]) {
      const seen = new Set<number>();
      for (let stream = 0; stream < 8; stream++) {
        const random = createRandom(seed, stream);
        for (let i = 0; i < 1000; i++) seen.add(random.uint32());
      }
      expect(seen.size).toBeGreaterThan(8000 - 10); // chance alone makes fewer than one pair of 2^32
    }
  });

  it('spreads uniform() evenly over 0 to 1', () => {
    const random = createRandom(2);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const value = random.uniform();
      bins[Math.floor(value * 10)]++;
    }
    expect(bins.length).toBe(10); // a value outside would have made another bin
    expect(chiSquared(bins)).toBeLessThan(27.9); // 9 degrees of freedom: passed by one in a thousand
  });

  it.each([1, 2, 3, 7, 100])('spreads below(%i) evenly', (n) => {
    const random = createRandom(3);
    const bins = new Array<number>(n).fill(0);
    for (let i = 0; i < 1000 * n; i++) bins[random.below(n)]++;
    expect(chiSquared(bins)).toBeLessThan(n + 4 * Math.sqrt(2 * n));
  });

  it('gives normal values with mean 0, variance 1, no skew and the kurtosis of a normal distribution', () => {
    const random = createRandom(4);
    const n = 200_000;
    const values = Array.from({ length: n }, () => random.normal());
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.015);
    expect(Math.abs(moment(3))).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
    expect(values.filter((value) => Math.abs(value) < 1.959964).length / n).toBeCloseTo(0.95, 2);
  });

  it('has a logarithm that agrees with Math.log', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const twin = createRandom(seed);
      for (;;) {
        const u = 2 * twin.uniform() - 1;
        const v = 2 * twin.uniform() - 1;
        const s = u * u + v * v;
        if (s >= 1 || s === 0) continue;
        const expected = u * Math.sqrt((-2 * Math.log(s)) / s);
        expect(Math.abs(random.normal() - expected)).toBeLessThanOrEqual(1e-13 * Math.abs(expected));
        break;
      }
    }
  });
});

describe('sampleIndices', () => {
  it.each([
    [0, 5],
    [1, 1],
    [5, 5],
    [10, 1000],
    [999, 1000],
  ])('draws %i different numbers below %i', (count, total) => {
    const indices = sampleIndices(createRandom(5), count, total);
    expect(indices.length).toBe(count);
    expect(new Set(indices).size).toBe(count);
    for (const index of indices) expect(Number.isInteger(index) && index >= 0 && index < total).toBe(true);
  });

  it.each([
    [20, 50],
    [20, 5000],
    [50, 50],
  ])('is the start of a Fisher-Yates shuffle: %i of %i', (count, total) => {
    const random = createRandom(6);
    const deck = Array.from({ length: total }, (_, i) => i);
    for (let i = 0; i < count; i++) {
      const j = i + random.below(total - i);
      [deck[i], deck[j]] = [deck[j], deck[i]];
    }
    expect(sampleIndices(createRandom(6), count, total)).toEqual(deck.slice(0, count));
  });

  it('draws each number alike, in each place alike', () => {
    const places = new Array<number>(5 * 3).fill(0);
    const random = createRandom(7);
    for (let round = 0; round < 5000; round++) {
      for (const [place, index] of sampleIndices(random, 3, 5).entries()) places[place * 5 + index]++;
    }
    expect(chiSquared(places)).toBeLessThan(36); // 12 degrees of freedom
  });
});

function chiSquared(bins: readonly number[]): number {
  const expected = bins.reduce((a, b) => a + b, 0) / bins.length;
  return bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0);
}

const WORD = 2n ** 32n;

function slowSplitmix(seed: number): bigint[] {
  let state = BigInt(seed);
  return Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9n) % WORD;
    let z = state;
    z = ((z ^ (z >> 16n)) * 0x21f0aaadn) % WORD;
    z = ((z ^ (z >> 15n)) * 0x735a2d97n) % WORD;
    return z ^ (z >> 15n);
  });
}

function slowXoshiro(state: bigint[]): () => number {
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) % WORD;
  let [a, b, c, d] = state;
  return () => {
    const result = (rotate((b * 5n) % WORD, 7n) * 9n) % WORD;
    const t = (b << 9n) % WORD;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11n);
    return Number(result);
  };
}

/** Of seed 1, in this order: written down once, so that a codebook of today can be trained again in ten years. */
const GOLDEN = {
  uint32: [393288148, 2174103013, 3814759091],
  uniform: [0.48725518162749837, 0.5073778237907571],
  below: [9, 315, 3395495274],
  normal: [0.5901775723012074, -1.1550733918051195, -0.21646324725179333],
  streams: [2113752136, 272431811, 603452075],
};
