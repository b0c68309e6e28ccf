// What the programs should give: what they give in the Node that runs these tests.
import { inject } from 'vitest';

interface Exercise {
  readonly codes: readonly number[];
  readonly trained: string;
}

export interface Result {
  readonly root: Exercise;
  readonly reference: Exercise;
  readonly slim: Exercise;
  readonly pool: object;
  readonly names: readonly string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    /** What programs/runtime.mjs printed. */
    expected: string;
  }
}

export const expected = JSON.parse(inject('expected')) as Result;

/** The same from a page, which tries the pool in several ways. */
export function expectedOfPage(pools: number): object {
  const { pool, ...others } = expected;
  return { ...others, pools: Array(pools).fill(pool) };
}
