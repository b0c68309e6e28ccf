import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseKernels, type Trial } from '../bench/lib/faiss-kernels.ts';

const ALL = new Set(['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl']);

/** What OpenBLAS does where it takes these kernels of its own accord, and has those. */
function library(own: string | null, has: Record<string, number>): { tried: (string | undefined)[]; attempt: (name?: string) => Promise<Trial> } {
  const tried: (string | undefined)[] = [];
  return {
    tried,
    attempt: async (name) => {
      tried.push(name);
      const kernels = name !== undefined && name in has ? name : own;
      const seconds = kernels === name || name === undefined ? has[kernels ?? ''] : 0.1; // what falls back tells nothing of the others
      if (seconds === 0) throw new Error('the worker ended');
      return { kernels, seconds: seconds ?? 1 };
    },
  };
}

describe('the kernels that faiss is measured on', () => {
  beforeEach(() => vi.stubEnv('OPENBLAS_CORETYPE', undefined));
  afterEach(() => vi.unstubAllEnvs());

  it('are those that OPENBLAS_CORETYPE names', async () => {
    vi.stubEnv('OPENBLAS_CORETYPE', 'Haswell');
    const { attempt, tried } = library('Haswell', { Haswell: 2, SkylakeX: 1 });
    expect(await chooseKernels(attempt, ALL)).toEqual({ text: 'Haswell' });
    expect(tried).toEqual([undefined]);
  });

  it('are those that are fastest here', async () => {
    const { attempt } = library('Prescott', { Prescott: 3, Haswell: 1.5, SkylakeX: 1 });
    expect(await chooseKernels(attempt, ALL)).toEqual({
      best: 'SkylakeX',
      text: 'SkylakeX, which it was told to take; of its own accord it takes Prescott',
    });
  });

  it('are its own where others gain little', async () => {
    const { attempt } = library('Zen', { Zen: 1, Haswell: 0.99, SkylakeX: 0.95 });
    expect(await chooseKernels(attempt, ALL)).toEqual({ text: 'Zen' });
  });

  it('are none that the CPU lacks', async () => {
    const { attempt, tried } = library('Prescott', { Prescott: 3, Haswell: 1.5, SkylakeX: 1 });
    expect((await chooseKernels(attempt, new Set(['avx2', 'fma']))).best).toBe('Haswell');
    expect(tried).toEqual([undefined, 'Haswell']);
    expect(await chooseKernels(attempt, new Set())).toEqual({ text: 'Prescott' });
  });

  it('are none that the library lacks, or that crash', async () => {
    const { attempt } = library('Prescott', { Prescott: 3, Haswell: 0 });
    expect(await chooseKernels(attempt, ALL)).toEqual({ text: 'Prescott' });
  });

  it('are unknown where the library does not tell', async () => {
    const { attempt, tried } = library(null, {});
    expect(await chooseKernels(attempt, ALL)).toEqual({ text: 'unknown' });
    expect(tried).toEqual([undefined]);
  });
});
