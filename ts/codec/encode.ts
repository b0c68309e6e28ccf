// Encode with a codec: every group codes the row, and within a group each part what the parts before it have left.
import { runsOf } from '../model/blocks.ts';
import type { ProjectedCodec } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import { count, RvqError } from '../model/errors.ts';
import { checkFinite, firstNotFinite, type Matrix } from '../model/matrix.ts';
import { subtract } from './arithmetic.ts';
import { type CodecEngine, compared, contribution, type PlacedPart, placedGroups, putCodes, searched, tileRows } from './engine.ts';

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
  for (const { start, end } of runsOf(vectors.rows, tileRows(dim))) {
    const rows = vectors.data.subarray(start * dim, end * dim);
    const codes = data.subarray(start * stages, end * stages);
    for (const parts of groups) {
      const left = parts.length > 1 ? rows.slice() : rows;
      parts.forEach((part, p) => {
        const row = firstRow + start;
        const own = engine.encode(searched(part), finite(compared(engine, part, left), row, part), row);
        putCodes(part, own, codes, stages);
        if (p + 1 < parts.length) subtract(left, contribution(engine, part, own, part.end - part.first));
      });
    }
  }
  return { data, rows: vectors.rows, stages, codebookId: id };
}

function finite(rows: Matrix, firstRow: number, { first }: PlacedPart): Matrix {
  const bad = firstNotFinite(rows.data);
  if (bad < 0) return rows;
  const row = firstRow + Math.floor(bad / rows.dim);
  throw new RvqError('NOT_FINITE', 'vectors', `row ${count(row)}: its values are too large: what stage ${first} compares overflows float32`);
}
