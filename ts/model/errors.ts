// Every error that this package throws on purpose: what was wrong with which argument, what was expected, what came.

/**
 * What kind of error it is:
 * - `INVALID_ARGUMENT` an argument or option has the wrong type, length or value
 * - `UNKNOWN_OPTION` an option that this function does not have
 * - `UNSUPPORTED` something that exists elsewhere but not here
 * - `NOT_FINITE` a NaN or an infinity in vectors or codewords, or codewords that add up to more than float32 holds
 * - `DIM_MISMATCH` vectors and codebook differ in dim
 * - `CODEBOOK_MISMATCH` codes made with another codebook
 * - `CODE_OUT_OF_RANGE` a codeword number that the stage does not have
 * - `TOO_FEW_ROWS` fewer training rows than codewords
 * - `BAD_FILE` bytes that are not what they should be, or end too early
 * - `FILE_ACCESS` a file that cannot be read or written
 * - `OUT_OF_MEMORY` there is not enough memory
 * - `CORE_FAILED` the WebAssembly core stopped in the middle of its work; the next call gets a new one
 * - `NO_WEBASSEMBLY` the engine lacks WebAssembly or its 128-bit SIMD, or may not compile it
 * - `NOT_INITIALIZED` a call of residual-vq/slim before its `init` was done
 * - `WORKER_FAILED` a worker of a pool could not start, or died again and again at the same work
 */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'UNKNOWN_OPTION'
  | 'UNSUPPORTED'
  | 'NOT_FINITE'
  | 'DIM_MISMATCH'
  | 'CODEBOOK_MISMATCH'
  | 'CODE_OUT_OF_RANGE'
  | 'TOO_FEW_ROWS'
  | 'BAD_FILE'
  | 'FILE_ACCESS'
  | 'OUT_OF_MEMORY'
  | 'CORE_FAILED'
  | 'NO_WEBASSEMBLY'
  | 'NOT_INITIALIZED'
  | 'WORKER_FAILED';

/** An error of this package. `code` says which kind; `subject` names the argument, option or file that it is about. */
export class RvqError extends Error {
  override readonly name = 'RvqError';
  readonly code: ErrorCode;
  readonly subject: string;

  constructor(code: ErrorCode, subject: string, message: string, options?: { cause?: unknown }) {
    super(`${subject}: ${message}`, options);
    this.code = code;
    this.subject = subject;
  }
}

/** An error about an argument: what was expected of it and what came. */
export function badArgument(subject: string, expected: string, got: unknown, code: ErrorCode = 'INVALID_ARGUMENT'): RvqError {
  return new RvqError(code, subject, `expected ${expected}, got ${describe(got)}`);
}

/** As badArgument, about a part of the argument: `at` says which, such as `row 1, element 2`. */
export function badValue(subject: string, at: string, expected: string, got: unknown, code: ErrorCode = 'INVALID_ARGUMENT'): RvqError {
  return new RvqError(code, subject, `${at}: expected ${expected}, got ${describe(got)}`);
}

/** A short word for any value, for the "got" of an error. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value.length > 40 ? `a string of ${count(value.length)} characters` : JSON.stringify(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `an array of ${count(value.length)}`;
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    return 'length' in value && typeof value.length === 'number' ? `${article(name)} of ${count(value.length)}` : article(name);
  }
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    if (name && name !== 'Object') return article(name);
    // Of a Matrix, Codebook or Codes that is none, mostly the kind of its data is what is wrong: an array, or a Float64Array.
    const data = 'data' in value ? value.data : undefined;
    return Array.isArray(data) || ArrayBuffer.isView(data) ? `an object whose data is ${describe(data)}` : 'an object';
  }
  if (typeof value === 'function') return 'a function';
  return String(value);
}

function article(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** 1234567 -> "1,234,567", the same in every locale. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "1 row", "2,000 rows". */
export function counted(n: number, things: string): string {
  return `${count(n)} ${n === 1 ? things.slice(0, -1) : things}`;
}
