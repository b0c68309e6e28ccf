// The entries of a .zip file, as .npz files are: found by the directory at its end, stored or deflated, checked by their CRC-32.
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { inflateSync } from 'fflate';
import { count, counted } from '../model/errors.ts';
import { viewOf, withinMemory } from './bytes.ts';
import { badFile, quote } from './check.ts';

export interface ZipEntry {
  readonly name: string;
  /** The first byte of its data in the file, which may be compressed. */
  readonly start: number;
  readonly compressed: number;
  /** Bytes of its contents. */
  readonly size: number;
  readonly crc: number;
  readonly deflated: boolean;
}

const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const DIRECTORY_ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL_HEADER = { signature: 0x04034b50, bytes: 30 };
/** What stands in a field of 32 bits, or 16, whose value is in a longer one elsewhere. */
const [ELSEWHERE, ELSEWHERE_16] = [0xffffffff, 0xffff];
/** Deflate makes at most 1,032 bytes of one. */
const MOST_INFLATED = 1032;

/** Finds and checks the entries: each lies in the file before the directory, and none over another. */
export function readZip(bytes: Uint8Array, name: string): ZipEntry[] {
  const directory = findDirectory(bytes, name);
  const entries: ZipEntry[] = [];
  let at = directory.start;
  for (let i = 0; i < directory.entries; i++) {
    const { entry, next } = readEntry(bytes, name, at, directory);
    entries.push(entry);
    at = next;
  }
  if (at !== directory.end) throw badFile(name, at, 'the end of the directory', counted(directory.end - at, 'more bytes'));
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    if (entry.start < end) throw badFile(name, entry.start, `the data of ${quote(entry.name)} after those before it`, 'two entries that overlap');
    end = entry.start + entry.compressed;
  }
  return entries;
}

/** The contents of an entry: a view of the bytes where they are stored as they are. */
export function unzip(bytes: Uint8Array, entry: ZipEntry, name: string): Uint8Array {
  const { start, size } = entry;
  const data = bytes.subarray(start, start + entry.compressed);
  const contents = entry.deflated ? inflate(data, entry, name) : data;
  if (contents.length !== size) throw badFile(name, start, `${counted(size, 'bytes')} of ${quote(entry.name)}`, 'more or fewer');
  const crc = crc32(contents);
  if (crc !== entry.crc) throw badFile(name, start, `data of ${quote(entry.name)} with CRC-32 ${hex(entry.crc)}`, hex(crc));
  return contents;
}

function inflate(data: Uint8Array, { start, size, name: entry }: ZipEntry, name: string): Uint8Array {
  const out = withinMemory(size, name, () => new Uint8Array(size + 1)); // one more, which stays if there are not too many
  try {
    return inflateSync(data, { out });
  } catch (cause) {
    throw badFile(name, start, `deflated data of ${quote(entry)}`, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Directory {
  readonly start: number;
  readonly end: number;
  readonly entries: number;
}

function findDirectory(bytes: Uint8Array, name: string): Directory {
  const view = viewOf(bytes);
  const first = bytes.length - END.bytes;
  for (let at = first; at >= Math.max(0, first - 0xffff); at--) {
    if (view.getUint32(at, true) !== END.signature || at + END.bytes + view.getUint16(at + 20, true) !== bytes.length) continue;
    const end = { at, entries: view.getUint16(at + 10, true), size: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true) };
    if (end.entries === ELSEWHERE_16 || end.size === ELSEWHERE || end.start === ELSEWHERE) return directory64(bytes, name, at);
    return checkDirectory(end, name);
  }
  throw badFile(name, Math.max(0, first), 'the end of a zip directory, PK\\x05\\x06, and then the end of the file', 'other bytes');
}

/** The directory of a file of more than 4 GiB or 65,535 entries. */
function directory64(bytes: Uint8Array, name: string, end: number): Directory {
  const view = viewOf(bytes);
  const locator = end - LOCATOR64.bytes;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64.signature)
    throw badFile(name, Math.max(0, locator), 'a zip64 locator', 'other bytes');
  const at = long(view, locator + 8, name);
  if (at > locator - END64.bytes || view.getUint32(at, true) !== END64.signature) {
    throw badFile(name, locator + 8, 'the byte of a zip64 end of the directory', count(at));
  }
  return checkDirectory({ at, entries: long(view, at + 32, name), size: long(view, at + 40, name), start: long(view, at + 48, name) }, name);
}

function checkDirectory({ at, entries, size, start }: { at: number; entries: number; size: number; start: number }, name: string): Directory {
  if (start + size !== at) throw badFile(name, at, `a directory that ends here`, `one of ${counted(size, 'bytes')} from byte ${count(start)}`);
  if (entries * DIRECTORY_ENTRY.bytes > size) throw badFile(name, at, `a directory of ${count(entries)} entries`, `${counted(size, 'bytes')} of it`);
  return { start, end: at, entries };
}

function readEntry(bytes: Uint8Array, name: string, at: number, directory: Directory): { entry: ZipEntry; next: number } {
  const view = viewOf(bytes);
  if (at + DIRECTORY_ENTRY.bytes > directory.end || view.getUint32(at, true) !== DIRECTORY_ENTRY.signature) {
    throw badFile(name, at, 'an entry of the directory, PK\\x01\\x02', 'other bytes, or its end');
  }
  const nameEnd = at + DIRECTORY_ENTRY.bytes + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > directory.end) throw badFile(name, at, 'an entry within the directory', `one to byte ${count(next)}`);
  const entry = new TextDecoder().decode(bytes.subarray(at + DIRECTORY_ENTRY.bytes, nameEnd));
  const method = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & 1) throw badFile(name, at + 8, `${quote(entry)} as it is`, 'encrypted data');
  if (method !== 0 && method !== 8) throw badFile(name, at + 10, `${quote(entry)} stored (0) or deflated (8)`, `method ${method}`);
  const [size, compressed, local] = sizes(bytes, name, at, { from: nameEnd, to: extraEnd });
  const most = method === 0 ? compressed : compressed * MOST_INFLATED;
  if (size > most || (method === 0 && size !== compressed)) {
    throw badFile(name, at + 24, `a size of ${quote(entry)} that ${counted(compressed, 'bytes')} can have`, count(size));
  }
  const start = dataStart(bytes, name, local, { entry, method, limit: directory.start });
  if (start + compressed > directory.start) {
    throw badFile(
      name,
      at + 20,
      `data of ${quote(entry)} before the directory at byte ${count(directory.start)}`,
      `data to byte ${count(start + compressed)}`,
    );
  }
  return { entry: { name: entry, start, compressed, size, crc: view.getUint32(at + 16, true), deflated: method === 8 }, next };
}

/** Size, compressed size and the place of the local header: each in its field, or one after the other in the extra field 1. */
function sizes(bytes: Uint8Array, name: string, at: number, extra: { from: number; to: number }): number[] {
  const view = viewOf(bytes);
  const values = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  if (!values.includes(ELSEWHERE)) return values;
  let place = extra.from;
  while (place + 4 <= extra.to && view.getUint16(place, true) !== 1) place += 4 + view.getUint16(place + 2, true);
  place += 4;
  return values.map((value) => {
    if (value !== ELSEWHERE) return value;
    if (place + 8 > extra.to) throw badFile(name, extra.from, 'a zip64 field with the sizes of an entry', 'none, or a shorter one');
    place += 8;
    return long(view, place - 8, name);
  });
}

/** The byte after the local header, which must be that of the entry. */
function dataStart(
  bytes: Uint8Array,
  name: string,
  local: number,
  { entry, method, limit }: { entry: string; method: number; limit: number },
): number {
  const view = viewOf(bytes);
  if (local + LOCAL_HEADER.bytes > limit || view.getUint32(local, true) !== LOCAL_HEADER.signature) {
    throw badFile(name, local, `the header of ${quote(entry)}, PK\\x03\\x04`, 'other bytes');
  }
  const nameEnd = local + LOCAL_HEADER.bytes + view.getUint16(local + 26, true);
  const again = new TextDecoder().decode(bytes.subarray(local + LOCAL_HEADER.bytes, Math.min(nameEnd, limit)));
  if (again !== entry || view.getUint16(local + 8, true) !== method)
    throw badFile(name, local, `the header of ${quote(entry)}`, `one of ${quote(again)}`);
  return nameEnd + view.getUint16(local + 28, true);
}

/** An unsigned 64-bit field. */
function long(view: DataView, at: number, name: string): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badFile(name, at, `at most ${count(Number.MAX_SAFE_INTEGER)}`, String(value));
  return Number(value);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

let table: Uint32Array | undefined;

/** CRC-32 as zip, gzip and PNG compute it: polynomial 0xedb88320, reflected. */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, i) => {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}
