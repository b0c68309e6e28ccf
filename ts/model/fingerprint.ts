// Ids of things that must not be mixed up: codebooks, so that codes can tell whose they are, rows and checkpoints.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { littleEndian } from './byte-order.ts';

export interface Fingerprint {
  add(values: Uint8Array | Uint32Array | Float32Array): void;
  /** 32 hexadecimal digits; nothing can be added after. */
  digits(): string;
}

/** Values that are hashed at a time: a copy of so many has to be made where the machine is big-endian. */
const STEP = 1 << 16;

/** SHA-256, cut to 128 bits, over the UTF-8 bytes of `name` and a zero byte, then the values, little-endian. */
export function createFingerprint(name: string): Fingerprint {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(`${name}\0`));
  return {
    add(values) {
      for (let i = 0; i < values.length; i += STEP) hash.update(littleEndian(values.subarray(i, i + STEP)));
    },
    digits: () => bytesToHex(hash.digest()).slice(0, 32),
  };
}

/** The fingerprint under `name` of the values of each part, in their order. */
export function identity(name: string, parts: Iterable<Uint8Array | Uint32Array | Float32Array>): string {
  const print = createFingerprint(name);
  for (const part of parts) print.add(part);
  return print.digits();
}

/** Whether it has the form of one. */
export function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}
