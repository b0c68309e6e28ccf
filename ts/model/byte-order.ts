// Values as little-endian bytes, which files and fingerprints are made of, whatever the byte order of the machine.

export const littleEndianMachine = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of `values`: a view of the same memory, or a copy on a big-endian machine. */
export function littleEndian(values: Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const size = values.BYTES_PER_ELEMENT;
  if (littleEndianMachine || size === 1) return bytes;
  const swapped = Uint8Array.from(bytes);
  for (let i = 0; i < swapped.length; i += size) swapped.subarray(i, i + size).reverse();
  return swapped;
}
