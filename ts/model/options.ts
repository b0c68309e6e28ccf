// Checks of options and plain numbers, at the public door.
import { badArgument, describe, RvqError } from './errors.ts';

/** The options object's own entries, or an error when it is not a plain object or has a key that is not in `known`. */
export function readOptions<T extends object>(where: string, options: T | undefined, known: readonly (keyof T & string)[]): Partial<T> {
  if (options === undefined) return {};
  if (!isPlain(options)) throw badArgument(`${where} options`, `a plain object with ${known.join(', ')}`, options);
  for (const key of Object.keys(options)) {
    if (!(known as readonly string[]).includes(key)) {
      throw new RvqError('UNKNOWN_OPTION', `${where} option ${describe(key)}`, `not known; the options are ${known.join(', ')}`);
    }
  }
  const own: Partial<T> = { ...options };
  return own;
}

/** Whether it is an object literal, of this realm or another, or an object without a prototype: whatever it holds is its own. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || (Object.hasOwn(prototype, 'isPrototypeOf') && Object.getPrototypeOf(prototype) === null);
}

/** `value` as an integer within min..max, both included. */
export function integer(subject: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;
    throw badArgument(subject, range, value);
  }
  return value;
}

/** `value` as a finite number of at least `min`. */
export function finiteNumber(subject: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
    throw badArgument(subject, `a finite number of at least ${min}`, value);
  }
  return value;
}

/** `value` as an AbortSignal, of this realm or another, or undefined. */
export function optionalSignal(subject: string, value: unknown): AbortSignal | undefined {
  if (value === undefined || isSignal(value)) return value;
  throw badArgument(subject, 'an AbortSignal', value);
}

function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'reason' in value && 'addEventListener' in value;
}

/** `value` as one of `words`. */
export function oneOf<W extends string>(subject: string, value: unknown, words: readonly W[]): W {
  const found = words.find((word) => word === value);
  if (found === undefined) throw badArgument(subject, `one of ${words.map((word) => `'${word}'`).join(', ')}`, value);
  return found;
}
