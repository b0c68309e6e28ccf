// What rvq info tells of an index of faiss.
import { parseFaissIndex } from '../formats/faiss.ts';
import { FAISS_TYPES, parseFaissLayout } from '../formats/faiss-layout.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { count, counted } from '../model/errors.ts';
import type { Description } from './info-codec.ts';
import { stagesText } from './terminal.ts';

export function describeFaiss(bytes: Uint8Array, file: string): Description {
  const { type, metric, search, splits, rows, rowBytes } = parseFaissLayout(bytes, file);
  const { codewords, dim, id } = parseFaissIndex(bytes, file).codebook;
  const bits = bitsPerStage(codewords);
  const bitsPerRow = sum(bits);
  const title = FAISS_TYPES[type];
  const slices = splits === 1 ? '' : ` in ${splits} slices`;
  return {
    json: {
      kind: 'faiss index',
      type: title,
      metric,
      search,
      rows,
      dim,
      stages: codewords.length,
      codewords,
      bitsPerStage: bits,
      bitsPerRow,
      rowBytes,
      slices: splits,
      id,
    },
    lines: [
      `faiss ${title}, ${counted(rows, 'rows')}, ${stagesText(codewords)} of dim ${count(dim)}${slices}, ${counted(bitsPerRow, 'bits')} a row`,
      `metric ${metric}, search type ST_${search}, ${counted(rowBytes, 'bytes')} a row`,
      `codebook ${id}`,
    ],
  };
}
