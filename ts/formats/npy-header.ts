// The header of a .npy file: magic, version, and a Python dictionary of dtype, order and shape. Nothing of it is evaluated.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { count, counted, describe } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile, elementCount, shapeText } from './check.ts';
import { type ElementLayout, elementBytes, isElementType, isWhole } from './elements.ts';

export interface NpyHeader extends ElementLayout {
  readonly shape: readonly number[];
  /** Whether the first index counts fastest, as in Fortran, and not the last one. */
  readonly fortranOrder: boolean;
  /** The byte of the dictionary, for errors about it. */
  readonly dictionary: number;
  /** The byte of the first element; the elements reach to the end of the file. */
  readonly start: number;
}

/** Far more than a header of three dimensions needs; what is longer describes records, which we do not read. */
const MAX_HEADER_BYTES = 65535;

/** How many bytes from its start a file takes to say what it is. The first 12 tell. */
export function npyHead(bytes: Uint8Array, name: string, size: number): number {
  return findDictionary(bytes, name, size).start;
}

/**
 * Reads the header and checks that the file holds just the elements that it tells of.
 *
 * @param head the file, or its first `npyHead` bytes
 * @param size the bytes of the whole file
 * @param wanted what its elements may be
 */
export function parseNpyHeader(head: Uint8Array, name: string, size: number, wanted: 'numbers' | 'integers' = 'numbers'): NpyHeader {
  const { dictionary, start } = findDictionary(head, name, size);
  const { descr, fortranOrder, shape } = parseDictionary(String.fromCharCode(...head.subarray(dictionary, start)), name, dictionary);
  const layout = checkType(descr, name, dictionary, wanted);
  const length = elementCount(shape) * elementBytes(layout.type);
  if (size - start !== length) {
    const expected = `${counted(length, 'bytes')} for ${layout.type} of shape ${shapeText(shape)}`;
    throw badFile(name, start, expected, `${counted(size - start, 'bytes')} to the end of the file`);
  }
  return { ...layout, shape, fortranOrder, dictionary, start };
}

/** What NumPy stores that we do not read: booleans, complex numbers, longer floats, objects, text, bytes and times. */
const OTHER_DTYPES = /^[<>|](b1|c\d+|f\d+|O|[SUV]\d+|[mM]8(\[\w+\])?)$/;

/** Whether the array is of numbers that we read. Where it is of something else that NumPy has, its elements cannot be checked. */
export function holdsNumbers(head: Uint8Array, name: string, size: number): boolean {
  const { dictionary, start } = findDictionary(head, name, size);
  const { descr } = parseDictionary(String.fromCharCode(...head.subarray(dictionary, start)), name, dictionary);
  if (descr === undefined || (OTHER_DTYPES.test(descr) && !isElementType(descr.slice(1)))) return false;
  checkType(descr, name, dictionary, 'numbers');
  return true;
}

function findDictionary(bytes: Uint8Array, name: string, size: number): { dictionary: number; start: number } {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY') throw badFile(name, 0, '"\\x93NUMPY"', size < 6 ? `a file of ${counted(size, 'bytes')}` : 'other bytes');
  if (size < 12) throw badFile(name, 6, 'a version and the length of the header', `a file of ${counted(size, 'bytes')}`);
  const version = bytes[6];
  if (version < 1 || version > 3 || bytes[7] !== 0) throw badFile(name, 6, 'version 1.0, 2.0 or 3.0', `version ${version}.${bytes[7]}`);
  const view = viewOf(bytes);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dictionary = version === 1 ? 10 : 12;
  if (length > MAX_HEADER_BYTES) throw badFile(name, 8, `a header of at most ${counted(MAX_HEADER_BYTES, 'bytes')}`, `one of ${count(length)}`);
  if (length > size - dictionary) {
    throw badFile(name, dictionary, `a header of ${counted(length, 'bytes')}`, `${counted(size - dictionary, 'bytes')} to the end of the file`);
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

const BYTE_ORDERS = '<>|';

/** What else NumPy stores, by the letter of its dtype. */
const OTHER_TYPES: Readonly<Record<string, string>> = { b: 'booleans', c: 'complex numbers', f: 'floats', O: 'Python objects', S: 'text', U: 'text' };

function checkType(descr: string | undefined, name: string, dictionary: number, wanted: 'numbers' | 'integers'): ElementLayout {
  const type = descr?.slice(1) ?? '';
  const isNumber = BYTE_ORDERS.includes(descr?.[0] ?? '?') && isElementType(type) && type !== 'bf2';
  if (isNumber && (wanted === 'numbers' || isWhole(type))) return { type, littleEndian: descr?.[0] !== '>' };
  const expected = wanted === 'numbers' ? 'f2, f4, f8 or integers, i1 to u8' : 'integers, i1 to u8';
  const other = isNumber ? undefined : OTHER_TYPES[type[0] ?? ''];
  throw badFile(name, dictionary, expected, descr === undefined ? 'records' : `${describe(descr)}${other === undefined ? '' : ` (${other})`}`);
}
