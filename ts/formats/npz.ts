// .npz: arrays of NumPy by name, each a .npy file in a zip, as numpy.savez and numpy.savez_compressed write them.
import type { Matrix } from '../model/matrix.ts';
import { badFile, isVectorShape, quote, quoteAll } from './check.ts';
import { inspectNpy, type NpyInfo, parseNpyVectors } from './npy.ts';
import { holdsNumbers, parseNpyHeader } from './npy-header.ts';
import { readZip, unzip, type ZipEntry } from './zip.ts';

/**
 * Reads the array of that name as vectors, as one alone in a .npy file would be.
 *
 * @param wanted its name, or undefined for the only one
 */
export function parseNpzVectors(bytes: Uint8Array, name: string, wanted: string | undefined): Matrix {
  const arrays = arraysOf(bytes, name);
  if (wanted === undefined && arrays.size !== 1)
    throw badFile(name, 'arrays', 'one array, or the name of the one to read', quoteAll([...arrays.keys()]));
  const array = wanted ?? [...arrays.keys()][0];
  const entry = arrays.get(array);
  if (entry === undefined) throw badFile(name, 'arrays', `array ${quote(array)}`, quoteAll([...arrays.keys()]));
  return parseNpyVectors(unzip(bytes, entry, name), `${name}/${entry.name}`);
}

/** What each array says of itself, or that it is none of numbers; all of them are unpacked and checked. */
export function inspectNpz(bytes: Uint8Array, name: string): Map<string, NpyInfo | 'other'> {
  const arrays = arraysOf(bytes, name);
  return new Map([...arrays].map(([array, entry]) => [array, infoOf(unzip(bytes, entry, name), `${name}/${entry.name}`)]));
}

/** Arrays of text and the like, and single numbers, lie beside vectors in the files of many programs. What is damaged is none of them. */
function infoOf(bytes: Uint8Array, name: string): NpyInfo | 'other' {
  if (!holdsNumbers(bytes, name, bytes.length)) return 'other';
  return isVectorShape(parseNpyHeader(bytes, name, bytes.length).shape) ? inspectNpy(bytes, name) : 'other';
}

/** The entries that end in .npy, by their names without that. */
function arraysOf(bytes: Uint8Array, name: string): Map<string, ZipEntry> {
  const arrays = new Map<string, ZipEntry>();
  for (const entry of readZip(bytes, name)) {
    if (!entry.name.endsWith('.npy')) continue;
    const array = entry.name.slice(0, -4);
    if (arrays.has(array)) throw badFile(name, entry.start, 'every array once', `a second ${quote(array)}`);
    arrays.set(array, entry);
  }
  return arrays;
}
