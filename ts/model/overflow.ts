// Sums of codewords that float32 cannot hold: refused, for a row that is infinite nothing takes. Only codebooks of huge values can have them.
import { sum } from './codebook.ts';
import { type Codec, isCodebook } from './codec.ts';
import { count, RvqError } from './errors.ts';
import { type DecodedMatrix, firstNotFinite } from './matrix.ts';

/** A little less than float32's largest value, 3.4028e38: rounding may add up, by 2^-24 of it for each of 1,000 stages. */
const SAFE = 3.402e38;

const judged = /* @__PURE__ */ new WeakMap<Codec, boolean>();

/** Rows that were decoded, after a check that they are finite; `firstRow` rows came before them. */
export function checkDecoded(rows: DecodedMatrix, codec: Codec, firstRow = 0): DecodedMatrix {
  const bad = mayOverflow(codec) ? firstNotFinite(rows.data) : -1;
  if (bad < 0) return rows;
  const row = Math.floor(bad / rows.dim);
  const message = `row ${count(firstRow + row)}: the sum of its codewords is too large for float32 at element ${bad - row * rows.dim}`;
  throw new RvqError('NOT_FINITE', 'codes', message);
}

/** Whether a sum of codewords can pass the end of float32; with projections always. */
function mayOverflow(codec: Codec): boolean {
  if (!isCodebook(codec)) return true;
  const known = judged.get(codec);
  if (known !== undefined) return known;
  const { data, dim, codewords } = codec;
  let at = 0;
  const largest = codewords.map((size) => {
    let most = 0;
    for (const end = at + size * dim; at < end; at++) most = Math.max(most, Math.abs(data[at]));
    return most;
  });
  const may = sum(largest) > SAFE;
  judged.set(codec, may);
  return may;
}
