// Ids of what codes are made with: a hash of shape and values, so that codes can tell whose they are.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * SHA-256, cut to 128 bits and written as 32 hexadecimal digits, over: the ASCII characters of `title`, a zero byte, then the values of
 * each part in their order, little-endian.
 */
export function identity(title: string, parts: Iterable<Uint8Array | Uint32Array | Float32Array>): string {
  const hash = sha256.create();
  hash.update(Uint8Array.from(`${title}\0`, (character) => character.charCodeAt(0)));
  const step = 1 << 16; // values: on a big-endian machine they are copied
  for (const part of parts) for (let i = 0; i < part.length; i += step) hash.update(littleEndian(part.subarray(i, i + step)));
  return bytesToHex(hash.digest()).slice(0, 32);
}

function littleEndian(values: Uint8Array | Uint32Array | Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const size = values.BYTES_PER_ELEMENT;
  if (size === 1 || new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return bytes;
  const swapped = Uint8Array.from(bytes);
  for (let i = 0; i < swapped.length; i += size) swapped.subarray(i, i + size).reverse();
  return swapped;
}
