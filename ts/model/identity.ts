// Ids of what codes are made with: a hash of shape and values, so that codes can tell whose they are.
import { createFingerprint } from './fingerprint.ts';

/** The fingerprint under `title` of the values of each part, in their order. */
export function identity(title: string, parts: Iterable<Uint8Array | Uint32Array | Float32Array>): string {
  const print = createFingerprint(title);
  for (const part of parts) print.add(part);
  return print.digits();
}
