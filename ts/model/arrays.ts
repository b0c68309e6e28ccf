// The typed arrays that we return: backed by an ArrayBuffer, never by shared memory. Written this way the types
// mean that from TypeScript 5.7 on and still compile before it.

export type Floats = ReturnType<typeof Float32Array.of>;
export type Doubles = ReturnType<typeof Float64Array.of>;
export type Bytes = ReturnType<typeof Uint8Array.of>;
export type Shorts = ReturnType<typeof Uint16Array.of>;
export type Words = ReturnType<typeof Uint32Array.of>;

/** Whether a value is a Float32Array, of this realm or another (a frame, a vm context, a test runner's sandbox). */
export function isFloat32Array(value: unknown): value is Float32Array {
  return isTypedArray(value, 'Float32Array');
}

export function isUint8Array(value: unknown): value is Uint8Array {
  return isTypedArray(value, 'Uint8Array');
}

export function isUint16Array(value: unknown): value is Uint16Array {
  return isTypedArray(value, 'Uint16Array');
}

function isTypedArray(value: unknown, name: string): boolean {
  return ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === name;
}

/** Codeword numbers: one byte each where every stage has at most 256 codewords, else two. */
export type CodeArray = Bytes | Shorts;

/** What Node, Bun and Deno have of memory that is not filled with zeros first. */
const { Buffer: nodeBuffer } = globalThis as { Buffer?: { allocUnsafeSlow?(size: number): Uint8Array } };

/** From so many bytes on the zeros cost more than the call. */
const WORTHWHILE = 2 ** 16;

/** For values that are all written before anyone sees them: without zeros first, which take a tenth of the time of decode, where the runtime can. */
export function floatsToWrite(length: number): Floats {
  const size = 4 * length;
  // beyond a gigabyte some versions refuse
  if (size >= WORTHWHILE && size <= 2 ** 30) {
    const buffer = nodeBuffer?.allocUnsafeSlow?.(size).buffer;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === size) return new Float32Array(buffer);
  }
  return new Float32Array(length);
}
