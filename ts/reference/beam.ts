// Beam search: the best few partial encodings of a row instead of one. The distances are those of the definition; what is kept
// is decided by them alone.
import type { Matrix } from '../model/matrix.ts';
import { squaredDistance, subtractCodeword } from './distance.ts';

/** A partial encoding of a row. */
interface Entry {
  readonly indices: readonly number[];
  readonly residual: Float32Array;
}

/** An entry that goes on with a codeword. */
interface Continuation {
  readonly parent: number;
  readonly index: number;
  readonly distance: number;
}

/**
 * The codeword of each stage for one row. At each stage all continuations of all entries are ranked by distance, ties to the earlier
 * entry and then to the lower codeword, those whose distance overflowed (infinite or NaN) last; the best `beam` are the next entries.
 */
export function searchRow(row: Float32Array, stages: readonly Matrix[], beam: number): readonly number[] {
  let entries: Entry[] = [{ indices: [], residual: row }];
  for (const codewords of stages) {
    entries = bestContinuations(entries, codewords, beam).map(({ parent, index }) => {
      const residual = entries[parent].residual.slice();
      subtractCodeword(residual, codewords, index);
      return { indices: [...entries[parent].indices, index], residual };
    });
  }
  return entries[0].indices;
}

/** The best `keep` continuations of entries with the codewords of one stage. */
export function bestContinuations(entries: readonly Pick<Entry, 'residual'>[], codewords: Matrix, keep: number): Continuation[] {
  const all = entries.flatMap(({ residual }, parent) =>
    Array.from({ length: codewords.rows }, (_, index): Continuation => {
      const distance = squaredDistance(residual, 0, codewords.data, index * codewords.dim, codewords.dim);
      return { parent, index, distance: distance < Number.POSITIVE_INFINITY ? distance : Number.POSITIVE_INFINITY };
    }),
  );
  // sort is stable and `all` is in the order that ties are decided by; infinities may not be subtracted
  all.sort((a, b) => (a.distance < b.distance ? -1 : a.distance > b.distance ? 1 : 0));
  return all.slice(0, keep);
}
