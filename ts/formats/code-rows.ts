// Codes that lie row after row in a file, so that it can be read part by part.
import type { CodeArray } from '../model/arrays.ts';
import type { Codec } from '../model/codec.ts';
import { createCodeArray } from '../model/codes.ts';
import { badFile } from './check.ts';
import { checkOwner, codeRowBytes, codesHeader, codesIn, outOfRange } from './codes.ts';
import { elementReader } from './elements.ts';
import { extensionOf } from './extension.ts';
import { npyCodesLayout } from './npy.ts';
import type { PlacedRows } from './rows.ts';
import { parseSafetensors } from './safetensors.ts';

export interface CodeRows extends PlacedRows {
  readonly stages: number;
  readonly codebookId: string;
  /**
   * The codes of whole rows, row-major.
   *
   * @param bytes those of the rows
   * @param firstRow how many rows of the file lie before them
   * @throws RvqError with the byte of the file that is wrong
   */
  read(bytes: Uint8Array, firstRow: number): CodeArray;
}

/**
 * Where the codes of a file lie; undefined where it cannot be read part by part: a faiss index, and .npy in Fortran order.
 *
 * @param head the first bytes of the file, as many as `vectorHead` says, or more
 * @param size the bytes of the whole file
 * @param codebook the one that the codes were made with
 */
export function codeRows(head: Uint8Array, size: number, name: string, codebook: Codec): CodeRows | undefined {
  const format = extensionOf('codes', name);
  if (format === 'npy') return npyRows(head, size, name, codebook);
  if (format !== 'safetensors') return undefined;
  const header = codesHeader(parseSafetensors(head, name, size), name);
  checkOwner(header, name, codebook);
  const { rows, codewords, codebookId, packed, tensor } = header;
  const place = { rows, start: tensor.start, rowBytes: codeRowBytes(codewords, packed) };
  return { ...place, stages: codewords.length, codebookId, read: (bytes, firstRow) => codesIn(bytes, name, header, firstRow) };
}

/** Codes and nothing else, plain or packed, that belong to `codebook`. How many there are nobody says. */
export function rawCodeRows(name: string, { codewords, id }: Codec, { packed }: { packed: boolean }): Omit<CodeRows, 'rows'> {
  const layout = { codewords, packed, tensor: { start: 0 } };
  const rowBytes = codeRowBytes(codewords, packed);
  return { start: 0, rowBytes, stages: codewords.length, codebookId: id, read: (bytes, firstRow) => codesIn(bytes, name, layout, firstRow) };
}

function npyRows(head: Uint8Array, size: number, name: string, { codewords, id }: Codec): CodeRows | undefined {
  const { header, rows, stages, elementSize } = npyCodesLayout(head, size, name);
  if (header.fortranOrder) return undefined;
  if (stages !== codewords.length) throw badFile(name, 'shape', `${codewords.length} stages, as the codebook has`, `[${rows}, ${stages}]`);
  const rowBytes = stages * elementSize;
  return {
    rows,
    stages,
    codebookId: id,
    start: header.start,
    rowBytes,
    read(bytes, firstRow) {
      const element = elementReader(bytes, header);
      const codes = createCodeArray(codewords, bytes.length / elementSize);
      for (let i = 0; i < codes.length; i++) {
        const code = element(i * elementSize);
        const at = header.start + firstRow * rowBytes + i * elementSize;
        if (!(code >= 0 && code < codewords[i % stages])) throw outOfRange(code, firstRow * stages + i, codewords, name, at);
        codes[i] = code;
      }
      return codes;
    },
  };
}
