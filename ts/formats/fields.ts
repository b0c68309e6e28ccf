// Fields of a binary file, one after the other, little-endian. Whoever reads past the end is told which field is missing.
import { count, counted } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile } from './check.ts';

/** A place in a file. Every function reads the field `what` there and moves on to the byte after it. */
export interface Fields {
  /** The byte that is read next. */
  readonly at: number;
  byte(what: string): number;
  int32(what: string): number;
  /** An unsigned 64-bit integer, which must be at most `most` for what follows to make sense. */
  size(what: string, most: number): number;
  /** `length` bytes as a view. */
  bytes(what: string, length: number): Uint8Array;
  skip(what: string, length: number): void;
  /** Checks that nothing follows. */
  end(): void;
}

export function fieldsOf(bytes: Uint8Array, name: string): Fields {
  const view = viewOf(bytes);
  let at = 0;
  const take = (what: string, length: number): number => {
    const left = bytes.length - at;
    if (length > left)
      throw badFile(name, at, `${what}, ${count(length)} ${length === 1 ? 'byte' : 'bytes'}`, `${count(left)} to the end of the file`);
    at += length;
    return at - length;
  };
  return {
    get at() {
      return at;
    },
    byte: (what) => bytes[take(what, 1)],
    int32: (what) => view.getInt32(take(what, 4), true),
    size(what, most) {
      const place = take(what, 8);
      const value = view.getBigUint64(place, true);
      if (value > BigInt(most)) throw badFile(name, place, `${what}, at most ${count(most)}`, String(value));
      return Number(value);
    },
    bytes(what, length) {
      const start = take(what, length);
      return bytes.subarray(start, start + length);
    },
    skip(what, length) {
      take(what, length);
    },
    end() {
      if (at !== bytes.length) throw badFile(name, at, 'the end of the file', counted(bytes.length - at, 'more bytes'));
    },
  };
}
