// As much of Protocol Buffers as an ONNX model needs: varints, strings, bytes and messages, each after its field number.
// Source: https://protobuf.dev/programming-guides/encoding

/** The bytes of a message: its fields one after the other. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

/** An integer field, 0 or more. */
export function integerField(field: number, value: number): Uint8Array {
  return message(varint(field * 8), varint(value));
}

/** A string, some bytes, or a message within the message. */
export function bytesField(field: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return message(varint(field * 8 + 2), varint(bytes.length), bytes);
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}
