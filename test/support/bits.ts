// Results with many values, made small for toEqual, which takes long over them.
import { createHash } from 'node:crypto';

/** The same object with each typed array replaced by its type and a hash of its bits. */
export function bitsOf(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, ArrayBuffer.isView(field) ? hash(field) : field]));
}

function hash(array: ArrayBufferView): string {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return `${array.constructor.name} ${createHash('sha1').update(bytes).digest('hex')}`;
}
