// Structs in Thrift's compact protocol, as the metadata of a Parquet file are: read with all lengths checked, before a library that trusts
// them gets the bytes. Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
import { count, counted } from '../model/errors.ts';
import { badFile } from './check.ts';

export type ThriftValue = boolean | number | bigint | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** By the numbers of the fields. */
export interface ThriftStruct extends ReadonlyMap<number, ThriftValue> {}

/** Parquet's metadata nest about ten deep. */
const MAX_DEPTH = 32;

/**
 * Reads the struct that begins at a byte.
 *
 * @param place the byte of the file where `bytes` begin, for errors
 * @returns the struct, and the byte after it
 */
export function readThrift(bytes: Uint8Array, start: number, name: string, place: number): { struct: ThriftStruct; end: number } {
  let at = start;
  const fail = (expected: string, got: string) => badFile(name, place + at, expected, got);

  function byte(): number {
    if (at >= bytes.length) throw fail('metadata in Thrift compact protocol', 'the end of them');
    return bytes[at++];
  }
  function varint(mostBits: number): bigint {
    const from = at;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 127) << shift;
      if (next < 128) break;
      if (shift > 63n) break;
    }
    if (value >> BigInt(mostBits) === 0n) return value;
    at = from;
    throw fail(`a number of ${mostBits} bits`, 'a longer one');
  }
  function zigzag(mostBits: number): bigint {
    const value = varint(mostBits);
    return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
  }
  /** A number of things that follow, each of which takes a byte at least. */
  function length(what: string): number {
    const from = at;
    const size = Number(varint(32));
    if (size <= bytes.length - at) return size;
    at = from;
    throw fail(`${what} within the ${counted(bytes.length - from, 'bytes')} of metadata that are left`, count(size));
  }
  function value(type: number, depth: number): ThriftValue {
    if (depth > MAX_DEPTH) throw fail(`metadata at most ${MAX_DEPTH} deep`, 'deeper ones');
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return byte();
      case 4:
      case 5:
        return Number(zigzag(32));
      case 6:
        return zigzag(64);
      case 7:
      case 8: {
        const size = type === 7 ? 8 : length('bytes of a text');
        if (size > bytes.length - at) throw fail('8 bytes of a number', 'the end of the metadata');
        at += size;
        return bytes.subarray(at - size, at);
      }
      case 9: {
        const head = byte();
        const kind = head & 15;
        const size = head >> 4 < 15 ? head >> 4 : length('items of a list');
        return Array.from({ length: size }, () => value(kind === 1 || kind === 2 ? 3 : kind, depth + 1));
      }
      case 12:
        return struct(depth + 1);
      default:
        at--;
        throw fail('a type of Thrift that Parquet has', String(type));
    }
  }
  function struct(depth: number): ThriftStruct {
    const fields = new Map<number, ThriftValue>();
    for (let field = 0; ; ) {
      const head = byte();
      if ((head & 15) === 0) return fields;
      field = head >> 4 === 0 ? Number(zigzag(32)) : field + (head >> 4);
      fields.set(field, value(head & 15, depth));
    }
  }
  return { struct: struct(0), end: at };
}
