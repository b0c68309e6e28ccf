// .f32, .raw, .bin: float32, little-endian, rows after rows, and nothing else. How wide a row is the reader must know.
import { count, counted } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { floatsAt, littleEndianPieces } from './bytes.ts';
import { badFile } from './check.ts';
import type { FileRows } from './rows.ts';

export function rawRows(size: number, name: string, dim: number): FileRows {
  const rowBytes = 4 * dim;
  const rest = size % rowBytes;
  if (rest !== 0) {
    throw badFile(
      name,
      size - rest,
      `a row of ${counted(rowBytes, 'bytes')}, dim ${count(dim)} of float32`,
      `${counted(rest, 'bytes')} and the end of the file`,
    );
  }
  return { rows: size / rowBytes, dim, start: 0, rowBytes, read: (bytes) => floatsAt(bytes, 0, bytes.length / 4) };
}

export function serializeRaw({ data }: Matrix): Iterable<Uint8Array> {
  return littleEndianPieces(data);
}
