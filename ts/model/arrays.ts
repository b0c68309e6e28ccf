// The typed arrays that we return: backed by an ArrayBuffer, never by shared memory. Written this way the types
// mean that from TypeScript 5.7 on and still compile before it.

export type Floats = ReturnType<typeof Float32Array.of>;
export type Doubles = ReturnType<typeof Float64Array.of>;
export type Bytes = ReturnType<typeof Uint8Array.of>;
export type Shorts = ReturnType<typeof Uint16Array.of>;
export type Words = ReturnType<typeof Uint32Array.of>;

/** Codeword numbers: one byte each where every stage has at most 256 codewords, else two. */
export type CodeArray = Bytes | Shorts;
