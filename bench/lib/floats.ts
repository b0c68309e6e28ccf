// Bytes of another program as numbers, and the error of rebuilt rows.
import { type Codebook, codebook, type Matrix } from 'residual-vq';

/** Little-endian float32 values; the bytes are copied where they do not lie on a multiple of four. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Little-endian int64 values below 2^32. */
export function idsOf(bytes: Uint8Array): Uint32Array {
  const words = new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return Uint32Array.from(words, Number);
}

/** The values as a codebook of the same shape as one that is there. */
export function codebookLike({ dim, codewords }: Codebook, values: Float32Array): Codebook {
  return codebook(values, { dim, codewords });
}

/** The mean over rows of the summed squared difference. */
export function meanSquaredError(rows: Matrix, rebuilt: Matrix): number {
  return rows.data.reduce((sum, value, i) => sum + (value - rebuilt.data[i]) ** 2, 0) / rows.rows;
}
