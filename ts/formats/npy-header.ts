// The header of a .npy file: magic, version, and a Python dictionary of dtype, order and shape. Nothing of it is evaluated.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { count, describe } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile, elementCount, shapeText } from './check.ts';

/** The element types that some file of ours may have, by their name without byte order. */
export const NPY_BYTES = { f4: 4, f8: 8, u1: 1, u2: 2 } as const;

export type NpyType = keyof typeof NPY_BYTES;

export interface NpyHeader {
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** The byte of the dictionary, for errors about it. */
  readonly dictionary: number;
  /** The byte of the first element; the elements reach to the end of the file. */
  readonly start: number;
}

/** Far more than a header of two dimensions needs; what is longer describes records, which we do not read. */
const MAX_HEADER_BYTES = 65535;

/** Reads the header and checks that the file holds just the elements that it tells of, of one of the types in `allowed`. */
export function parseNpyHeader(bytes: Uint8Array, name: string, allowed: readonly NpyType[]): NpyHeader {
  const { dictionary, start } = findDictionary(bytes, name);
  const fields = parseDictionary(String.fromCharCode(...bytes.subarray(dictionary, start)), name, dictionary);
  const type = checkType(fields.descr, name, dictionary, allowed);
  if (fields.fortranOrder) throw badFile(name, dictionary, 'rows one after the other (C order)', 'Fortran order');
  const { shape } = fields;
  const length = elementCount(shape) * NPY_BYTES[type];
  if (bytes.length - start !== length) {
    const expected = `${count(length)} bytes for ${type} of shape ${shapeText(shape)}`;
    throw badFile(name, start, expected, `${count(bytes.length - start)} bytes to the end of the file`);
  }
  return { type, shape, dictionary, start };
}

function findDictionary(bytes: Uint8Array, name: string): { dictionary: number; start: number } {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY') throw badFile(name, 0, '"\\x93NUMPY"', bytes.length < 6 ? `a file of ${bytes.length} bytes` : 'other bytes');
  if (bytes.length < 12) throw badFile(name, 6, 'a version and the length of the header', `a file of ${bytes.length} bytes`);
  const version = bytes[6];
  if (version < 1 || version > 3 || bytes[7] !== 0) throw badFile(name, 6, 'version 1.0, 2.0 or 3.0', `version ${version}.${bytes[7]}`);
  const view = viewOf(bytes);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dictionary = version === 1 ? 10 : 12;
  if (length > MAX_HEADER_BYTES) throw badFile(name, 8, `a header of at most ${count(MAX_HEADER_BYTES)} bytes`, `one of ${count(length)}`);
  if (length > bytes.length - dictionary) {
    throw badFile(name, dictionary, `a header of ${count(length)} bytes`, `${count(bytes.length - dictionary)} bytes to the end of the file`);
  }
  return { dictionary, start: dictionary + length };
}

interface Fields {
  /** The dtype as a string, or undefined for records. */
  readonly descr: string | undefined;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const TOKENS = {
  open: /\s*\{/y,
  key: /\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*:/y,
  text: /\s*(?:'([^'\\]*)'|"([^"\\]*)")/y,
  truth: /\s*(True|False)/y,
  tuple: /\s*\(([\d\sL,]*)\)/y,
  comma: /\s*,/y,
  close: /\s*\}\s*$/y,
} as const;

/** The three entries of the dictionary, in any order. Records, whose dtype is a list, are known by it and read no further. */
function parseDictionary(source: string, name: string, start: number): Fields {
  let at = 0;
  const take = (token: keyof typeof TOKENS): string | undefined => {
    const pattern = TOKENS[token];
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match[1] ?? match[2] ?? '';
  };
  const need = (token: keyof typeof TOKENS, expected: string): string => {
    const found = take(token);
    if (found === undefined) throw badFile(name, start + at, expected, describe(source.slice(at, at + 20)));
    return found;
  };
  const fields: { descr?: string; fortranOrder?: boolean; shape?: readonly number[] } = {};
  need('open', '"{"');
  while (take('close') === undefined) {
    const key = need('key', 'a key of the header or "}"');
    if (key === 'descr') {
      const text = take('text');
      if (text === undefined) return { descr: undefined, fortranOrder: false, shape: [] };
      fields.descr = text;
    } else if (key === 'fortran_order') fields.fortranOrder = need('truth', 'True or False') === 'True';
    else if (key === 'shape') fields.shape = parseShape(need('tuple', 'a shape such as (5, 3)'), name, start + at);
    else throw badFile(name, start + at, "'descr', 'fortran_order' or 'shape'", `key ${describe(key)}`);
    if (take('comma') === undefined) {
      need('close', '"," or "}"');
      break;
    }
  }
  const { descr, fortranOrder, shape } = fields;
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    throw badFile(name, start, "'descr', 'fortran_order' and 'shape'", `only ${Object.keys(fields).length} of them`);
  }
  return { descr, fortranOrder, shape };
}

/** "5, 3" or "5," (or "5L, 3L", as Python 2 wrote). */
function parseShape(tuple: string, name: string, end: number): number[] {
  const parts = tuple.split(',').map((part) => part.trim().replace(/L$/, ''));
  if (parts[parts.length - 1] === '') parts.pop();
  const shape = parts.map((part) => (/^\d{1,16}$/.test(part) ? Number(part) : Number.NaN));
  if (Number.isNaN(elementCount(shape))) throw badFile(name, end - tuple.length - 1, 'a shape such as (5, 3)', describe(`(${tuple})`));
  return shape;
}

function checkType(descr: string | undefined, name: string, dictionary: number, allowed: readonly NpyType[]): NpyType {
  const expected = `little-endian ${allowed.join(', ').replace(/, (\w+)$/, ' or $1')}`;
  if (descr === undefined) throw badFile(name, dictionary, expected, 'records');
  const type = allowed.find((word) => descr.slice(1) === word);
  if (type !== undefined && (NPY_BYTES[type] === 1 ? /^[<>|]/ : /^</).test(descr)) return type;
  throw badFile(name, dictionary, expected, `${descr.startsWith('>') ? 'big-endian ' : ''}${describe(descr)}`);
}
