// Decode with a codec: what all parts take off, added up; and what is left of rows after each stage.
import type { Doubles, Floats } from '../model/arrays.ts';
import { blockRows, forEachBlock, runsOf } from '../model/blocks.ts';
import type { ProjectedCodec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import type { DecodedMatrix, Matrix } from '../model/matrix.ts';
import { add, squaredNorms, subtract } from './arithmetic.ts';
import { type CodecDecoder, codesOf, contribution, type PlacedPart, placedGroups, tileRows } from './engine.ts';

/**
 * Rebuilds rows from the codes of the first `prefix` stages, arguments checked: what the first part gives, then the others added in their
 * order, each sum rounded to float32. Parts none of whose stages are taken give nothing, not even their bias.
 */
export function decodeCodec(engine: CodecDecoder, codec: ProjectedCodec, codes: Codes, prefix: number): DecodedMatrix {
  const { dim } = codec;
  const { rows, stages } = codes;
  const data = new Float32Array(rows * dim);
  const [first, ...others] = placedGroups(codec)
    .flat()
    .filter((part) => part.first < prefix);
  for (const { start, end } of runsOf(rows, tileRows(dim))) {
    const tile = codes.data.subarray(start * stages, end * stages);
    const given = (part: PlacedPart) => contribution(engine, part, codesOf(part, tile, stages), Math.min(part.end, prefix) - part.first);
    const sums = data.subarray(start * dim, end * dim);
    sums.set(given(first));
    for (const part of others) add(sums, given(part));
  }
  return { data, rows, dim };
}

/**
 * Measures each block of rows whose codes are known: `sums[block * (stages + 1)]` is the summed squared norm of its rows, and the values that
 * follow it are the summed squared differences of rows and what the first one, two, ... stages decode to.
 */
export function measureCodec(engine: CodecDecoder, codec: ProjectedCodec, vectors: Matrix, codes: Codes['data']): Doubles {
  const { dim, codewords } = codec;
  const stages = codewords.length;
  const sums = new Float64Array(Math.ceil(vectors.rows / blockRows(dim)) * (stages + 1));
  const parts = placedGroups(codec).flat();
  let at = 0;
  forEachBlock(vectors.rows, dim, (start, end) => {
    const rows = vectors.data.subarray(start * dim, end * dim);
    const block = codes.subarray(start * stages, end * stages);
    sums[at++] = squaredNorms(rows, dim);
    let before: Floats | undefined;
    for (const part of parts) {
      const own = codesOf(part, block, stages);
      let decoded: Floats | undefined;
      for (let stage = 1; stage <= part.end - part.first; stage++) {
        decoded = contribution(engine, part, own, stage);
        if (before !== undefined) add(decoded, before);
        sums[at++] = squaredErrors(rows, decoded, dim);
      }
      before = decoded;
    }
  });
  return sums;
}

function squaredErrors(rows: Float32Array, decoded: Float32Array, dim: number): number {
  const left = rows.slice();
  subtract(left, decoded);
  return squaredNorms(left, dim);
}
