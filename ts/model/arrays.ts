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
