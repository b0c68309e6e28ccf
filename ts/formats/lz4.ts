// LZ4 frames, as Arrow compresses buffers with: read. Checksums are skipped.
// Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
import type { Bytes } from '../model/arrays.ts';
import { viewOf } from './bytes.ts';

const MAGIC = 0x184d2204;
/** A byte of LZ4 stands for so many bytes at most. */
const MOST_PER_BYTE = 255;

/**
 * The `length` bytes that were compressed to `frame`.
 *
 * @throws RangeError where they do not come to that
 */
export function readLz4Frame(frame: Uint8Array, length: number): Bytes {
  if (!(length >= 0 && length <= MOST_PER_BYTE * frame.length)) throw damaged();
  const view = viewOf(frame); // reading past its end is a RangeError
  if (view.getUint32(0, true) !== MAGIC) throw damaged();
  const flags = view.getUint8(4);
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0); // size of the content, id of a dictionary
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) break;
    const end = at + (head & 0x7fffffff);
    if (end > frame.length) throw damaged();
    if (head >>> 31 === 1) {
      bytes.set(frame.subarray(at, end), filled);
      filled += end - at;
    } else filled = readBlock(frame.subarray(at, end), bytes, filled);
    at = end + (flags & 16 ? 4 : 0); // a checksum of the block
  }
  if (filled !== length) throw damaged();
  return bytes;
}

/** Sequences of literals and of copies of what stands before, also in the blocks before. Gives where they end in `bytes`. */
function readBlock(block: Uint8Array, bytes: Uint8Array, start: number): number {
  let at = 0;
  let filled = start;
  /** A length of four bits, which further bytes add to where they are all set. */
  const lengthOf = (bits: number): number => {
    let length = bits;
    for (let byte = bits === 15 ? 255 : 0; byte === 255; length += byte) byte = block[at++] ?? 0;
    return length;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = lengthOf(token >> 4);
    bytes.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at >= block.length) break; // the last sequence has literals alone
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    const end = filled + lengthOf(token & 15) + 4;
    if (offset < 1 || offset > filled || end > bytes.length) throw damaged();
    for (; filled < end; filled++) bytes[filled] = bytes[filled - offset]; // what is copied may be a part of the copy
  }
  return filled;
}

function damaged(): RangeError {
  return new RangeError('damaged LZ4');
}
