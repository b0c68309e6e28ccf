// Files of rows, written block after block: what they begin with, which tells how many rows there are, and the bytes of each block.
import type { Codec } from '../model/codec.ts';
import { type Codes, pack } from '../model/codes.ts';
import type { Matrix } from '../model/matrix.ts';
import { littleEndianPieces } from './bytes.ts';
import { codesPlan, fittingCodes } from './codes.ts';
import type { VectorFormat } from './extension.ts';
import { npyHeader } from './npy.ts';
import { safetensorsHeader } from './safetensors.ts';
import { noRows, vecsPieces } from './vecs.ts';

export interface RowWriter<T> {
  /**
   * What the file begins with. Undefined where the format has no such thing.
   *
   * @param rows undefined: as many as there can be, for which it is the longest
   * @param least bytes of it at least: to stand where another one stood
   */
  readonly head?: (rows: number | undefined, least: number) => Uint8Array;
  /** @param firstRow how many rows came before the block */
  pieces(block: T, firstRow: number): Iterable<Uint8Array>;
  /** Throws where the format cannot hold so few rows. */
  checkRows(rows: number): void;
}

/** Whether a file begins with the number of its rows. */
export function countsRows(format: string): boolean {
  return format === 'npy' || format === 'safetensors';
}

export function vectorWriter(format: VectorFormat, dim: number): RowWriter<Matrix> {
  const most = mostRows(dim);
  switch (format) {
    case 'npy':
      return { head: (rows = most) => npyHeader('<f4', [rows, dim]), ...plain };
    case 'safetensors':
      return { head: (rows = most, least) => safetensorsHeader([{ name: 'vectors', type: 'F32', shape: [rows, dim] }], undefined, least), ...plain };
    case 'f32':
      return plain;
    default:
      return {
        pieces: (block, firstRow) => vecsPieces(block, format, firstRow),
        checkRows(rows) {
          if (rows === 0) throw noRows(format);
        },
      };
  }
}

const plain: RowWriter<Matrix> = { pieces: ({ data }) => littleEndianPieces(data), checkRows() {} };

/** @param format `raw`: codes and nothing else */
export function codesWriter(format: 'npy' | 'safetensors' | 'raw', codebook: Codec, { packed }: { packed: boolean }): RowWriter<Codes> {
  const pieces = (codes: Codes): Iterable<Uint8Array> =>
    littleEndianPieces(packed ? pack(codes, codebook) : fittingCodes(codes.data, codebook.codewords));
  const writer = { pieces, checkRows() {} };
  const plan = (rows: number) => codesPlan(codebook, rows, packed);
  const most = mostRows(plan(0).tensor.shape[1]); // where they cannot be packed, this says so
  switch (format) {
    case 'npy':
      return { head: (rows = most) => npyHeader(plan(rows).tensor.type === 'U8' ? '|u1' : '<u2', plan(rows).tensor.shape), ...writer };
    case 'safetensors':
      return { head: (rows = most, least) => safetensorsHeader([plan(rows).tensor], plan(rows).metadata, least), ...writer };
    default:
      return writer;
  }
}

/** Of which no file can have more: its elements could not be counted. */
function mostRows(width: number): number {
  return Math.floor(Number.MAX_SAFE_INTEGER / width);
}
