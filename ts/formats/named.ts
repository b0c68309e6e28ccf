// Bytes under a name, as programs give them: the checks that all functions of residual-vq/formats begin with.
import { isUint8Array } from '../model/arrays.ts';
import { badArgument } from '../model/errors.ts';

/** What the bytes are called: the extension says which format they are in, and errors name them. */
export interface NamedOptions {
  name: string;
}

/** The bytes, after a check that they are some. */
export function checkBytes(bytes: unknown, subject = 'bytes'): Uint8Array {
  if (!isUint8Array(bytes)) throw badArgument(subject, 'a Uint8Array', bytes);
  return bytes;
}

export function checkName(verb: string, name: unknown): string {
  if (typeof name !== 'string' || name === '') throw badArgument(`${verb} option name`, 'the name of a file, such as "vectors.npy"', name);
  return name;
}
