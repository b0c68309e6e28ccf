// Encode with a codec: every group codes the row, and within a group each part what the parts before it have left.
import { forEachBlock } from '../model/blocks.ts';
import type { ProjectedCodec } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import { count, RvqError } from '../model/errors.ts';
import { checkFinite, firstNotFinite, type Matrix } from '../model/matrix.ts';
import { difference } from './arithmetic.ts';
import { type CodecEngine, compared, contribution, type PlacedPart, placedGroups, putCodes, searched } from './engine.ts';

/**
 * Finds the codes of rows, arguments checked but for the values of the rows.
 *
 * @param firstRow the number of the first row, as errors count
 * @throws RvqError `NOT_FINITE` with the row: it is not finite, or what it is projected to overflows
 */
export function encodeCodec(engine: CodecEngine, codec: ProjectedCodec, vectors: Matrix, firstRow = 0): Codes {
  checkFinite('vectors', vectors);
  const { dim, codewords, id } = codec;
  const stages = codewords.length;
  const data = createCodeArray(codewords, vectors.rows * stages);
  const groups = placedGroups(codec);
  forEachBlock(vectors.rows, dim, (start, end) => {
    const rows = vectors.data.subarray(start * dim, end * dim);
    const codes = data.subarray(start * stages, end * stages);
    for (const parts of groups) {
      let left: Float32Array = rows;
      parts.forEach((part, p) => {
        const own = engine.encode(searched(part), finite(compared(engine, part, left), firstRow + start, part));
        putCodes(part, own, codes, stages);
        if (p + 1 < parts.length) left = difference(left, contribution(engine, part, own, part.end - part.first));
      });
    }
  });
  return { data, rows: vectors.rows, stages, codebookId: id };
}

function finite(rows: Matrix, firstRow: number, { first }: PlacedPart): Matrix {
  const bad = firstNotFinite(rows.data);
  if (bad < 0) return rows;
  const row = firstRow + Math.floor(bad / rows.dim);
  throw new RvqError('NOT_FINITE', 'vectors', `row ${count(row)}: its values are too large: what stage ${first} compares overflows float32`);
}
