// The end of a stage: how the entries of rows go on with its final codewords.
import type { Entries, TrainEngine } from './engine.ts';
import type { Steps } from './steps.ts';

export interface FinishedStage {
  /** What the rows are left with. */
  readonly entries: Entries;
  /** Summed squared error of the rows that trained the stage. */
  readonly error: number;
  /** Summed squared error of all rows. */
  readonly errorOfAll: number;
  /** How many of the rows that trained the stage chose each codeword. */
  readonly counts: Float64Array;
  /** What each of the entries was made of, as TrainEngine.extend gives it. */
  readonly chosen: Uint32Array;
}

/**
 * Takes the entries of all rows on by a stage, in their place where there are as many as before.
 *
 * @param work `trained`: how many rows, the first, trained the stage; `keep`: the entries that each row shall have
 */
export async function finishStage(
  engine: TrainEngine,
  { entries, codewords, trained, keep, steps }: { entries: Entries; codewords: Float32Array; trained: number; keep: number; steps: Steps },
): Promise<FinishedStage> {
  const { data, rows, dim, count } = entries;
  const next = keep === count ? data : engine.createRows(rows * keep * dim);
  const chosen = new Uint32Array(rows * keep);

  function extendRows(start: number, end: number): Promise<number> {
    const part: Entries = { data: data.subarray(start * count * dim, end * count * dim), rows: end - start, dim, count };
    const room = { next: next.subarray(start * keep * dim, end * keep * dim), chosen: chosen.subarray(start * keep, end * keep) };
    return engine.extend(part, codewords, { steps, ...room });
  }

  const error = await extendRows(0, trained);
  const rest = trained < rows ? await extendRows(trained, rows) : 0;
  const counts = new Float64Array(codewords.length / dim);
  for (let i = 0; i < trained; i++) counts[chosen[i * keep] % 65_536]++;
  return { entries: { data: next, rows, dim, count: keep }, error, errorOfAll: error + rest, counts, chosen };
}
