// Codewords that no row chose: each is moved beside a large one, to share its rows.
import { Donors } from './donors.ts';
import type { Steps } from './steps.ts';

/**
 * How far an empty codeword is put from its donor: this part of the way to one of the donor's rows. So near that the two share the
 * donor's rows about evenly. A row itself would keep but a few of them: in many dimensions rows are nearer to their mean than to
 * each other.
 */
const NUDGE = 1 / 64;

/**
 * Gives each empty codeword, in ascending order, a place beside the one with the most rows for each codeword made of it. The donor stays:
 * so no row's error grows, and a codeword that fits equal rows exactly keeps doing so. (faiss multiplies coordinates of both by
 * 1 +- 1/1024, which moves the donor, does nothing to zeros, and gives a second empty codeword the place of the first.)
 * An empty codeword is left as it is where no codeword has two rows that differ from it.
 *
 * @param codewords row-major, counts.length x dim; changed
 * @param rows row-major, codes.length x dim
 * @param codes the codeword of each row
 * @param counts rows of each codeword
 * @param empty the codewords to be moved, ascending, all without rows
 * @returns how many were moved
 */
export async function repairEmpty(
  codewords: Float32Array,
  rows: Float32Array,
  codes: Uint16Array,
  counts: Float64Array,
  steps: Steps,
  empty: readonly number[] = emptyOnes(counts),
): Promise<number> {
  if (empty.length === 0) return 0;
  const dim = codewords.length / counts.length;
  const donors = new Donors(counts);
  const members = groupRows(codes, counts);
  const next = members.starts.slice(0, counts.length); // the member of each codeword to try next
  let repaired = 0;
  for (const place of empty) {
    for (let donor = donors.first(); donor !== undefined; donor = donors.first()) {
      const { codeword } = donor;
      if (next[codeword] === members.starts[codeword + 1]) {
        donors.drop();
        continue;
      }
      const turn = steps.plain(dim);
      if (turn) await turn;
      const row = members.rows[next[codeword]++];
      if (!placeBeside(codewords, dim, { empty: place, donor: codeword }, rows.subarray(row * dim, (row + 1) * dim))) continue;
      donors.split();
      repaired++;
      break;
    }
  }
  return repaired;
}

/** Codewords without rows, ascending. */
export function emptyOnes(counts: Float64Array): number[] {
  const empty: number[] = [];
  for (let k = counts.indexOf(0); k >= 0; k = counts.indexOf(0, k + 1)) empty.push(k);
  return empty;
}

/** Puts `empty` a little from `donor` towards `row`; false where that is still the donor's place. */
function placeBeside(codewords: Float32Array, dim: number, { empty, donor }: { empty: number; donor: number }, row: Float32Array): boolean {
  const place = codewords.slice(donor * dim, (donor + 1) * dim);
  let moved = false;
  for (let j = 0; j < dim; j++) {
    const before = place[j];
    place[j] = before + (row[j] - before) * NUDGE;
    if (place[j] !== before) moved = true;
  }
  if (moved) codewords.set(place, empty * dim);
  return moved;
}

/** Row numbers by codeword, ascending: those of codeword k are `rows[starts[k]]` up to, not including, `rows[starts[k + 1]]`. */
function groupRows(codes: Uint16Array, counts: Float64Array): { rows: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(counts.length + 1);
  for (let k = 0; k < counts.length; k++) starts[k + 1] = starts[k] + counts[k];
  const rows = new Uint32Array(codes.length);
  const at = starts.slice();
  for (let i = 0; i < codes.length; i++) rows[at[codes[i]]++] = i;
  return { rows, starts };
}
