// What every parser must withstand: files cut anywhere, with a byte too many, with any byte changed, with huge numbers anywhere, and
// with random damage. One battery for all formats: it asks for an error of ours that says what is wrong, or for a sound result, in little
// time and memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RvqError } from '../../ts/model/errors.ts';

export interface Specimen {
  /** The name that errors must begin with; that of a file in it may follow after a slash. */
  readonly name: string;
  /** A small valid file. */
  readonly bytes: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
  /** Lengths to which the file may be cut and still be a whole one, of fewer rows. */
  readonly wholeAt?: readonly number[];
  /** Whether what is read without an error must be what the file said before: it holds a checksum of it. */
  readonly checked?: boolean;
  /** Bytes of memory that may be taken for each byte of the file, and for any file. */
  readonly memory?: { readonly perByte: number; readonly fixed: number };
  /** Damage to try: formats of another package's parser, which are slower, take fewer kinds. */
  readonly flips?: readonly number[];
  readonly runs?: number;
}

const MEMORY = { perByte: 16, fixed: 16_384 };
const ALL_FLIPS = [1, 2, 4, 8, 16, 32, 64, 128, 255];
/** Far more than a file of some hundred bytes takes, on a machine with other work to do. */
const MOST_MILLISECONDS = 10_000;

/** The tests of one file. */
export function withstandsDamage(specimen: Specimen): void {
  const { name, bytes, wholeAt = [], checked = false, flips = ALL_FLIPS, runs = 300 } = specimen;

  describe(name, () => {
    it('is read whole', async () => {
      expect(await outcome(specimen, bytes)).not.toBeInstanceOf(RvqError);
    });

    it('is refused cut at any byte, unless whole rows are left', async () => {
      const whole: number[] = [];
      for (let length = 0; length < bytes.length; length++) {
        if (!((await outcome(specimen, bytes.slice(0, length))) instanceof RvqError)) whole.push(length);
      }
      expect(whole).toEqual(wholeAt);
    });

    it('is refused with a byte too many', async () => {
      for (const extra of [0, 255]) expect(await outcome(specimen, Uint8Array.of(...bytes, extra))).toBeInstanceOf(RvqError);
    });

    const expected = checked ? specimen.read(bytes) : undefined;
    const endures = async (damaged: Uint8Array, what: string): Promise<void> => {
      const result = await outcome(specimen, damaged, what);
      if (checked && !(result instanceof RvqError)) expect(result, what).toEqual(await expected);
    };

    it('is read or refused in our own words with any byte changed in any bit', async () => {
      for (let at = 0; at < bytes.length; at++) {
        for (const flip of flips) {
          const damaged = bytes.slice();
          damaged[at] ^= flip;
          await endures(damaged, `byte ${at} changed by ${flip}`);
        }
      }
    });

    it('is read or refused in our own words with a huge or negative number at any place', async () => {
      for (const [width, value] of EXTREMES) {
        for (let at = 0; at + width <= bytes.length; at++) {
          const damaged = bytes.slice();
          const view = new DataView(damaged.buffer);
          if (width === 8) view.setBigUint64(at, value, true);
          else view.setUint32(at, Number(value), true);
          await endures(damaged, `${value} at byte ${at}`);
        }
      }
    });

    it('is read or refused in our own words however it is damaged', async () => {
      await fc.assert(
        fc.asyncProperty(damages(bytes), async (damaged) => {
          await endures(damaged, 'random damage');
        }),
        { numRuns: runs },
      );
    });
  });
}

const EXTREMES: readonly (readonly [width: 4 | 8, value: bigint])[] = [
  [4, 0xffffffffn],
  [4, 0x7fffffffn],
  [4, 0x80000000n],
  [4, 0x00010001n],
  [8, 0xffffffffffffffffn],
  [8, 0x7fffffffffffffffn],
  [8, 0x0020000000000000n],
  [8, 0x0000000100000000n],
];

/** The file with a piece cut out, put in twice, overwritten, or put in from elsewhere. */
function damages(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat({ max: bytes.length });
  const pieces = fc.tuple(place, place, fc.uint8Array({ maxLength: 12 }));
  return fc.array(pieces, { minLength: 1, maxLength: 3 }).map((changes) => {
    let damaged: Uint8Array = bytes;
    for (const [a, b, put] of changes) damaged = Uint8Array.of(...damaged.subarray(0, a), ...put, ...damaged.subarray(b));
    return damaged;
  });
}

/** What reading gives, or the error; anything but a sound result and an error of ours in our words is thrown. */
async function outcome({ name, read, memory = MEMORY }: Specimen, bytes: Uint8Array, what = `${bytes.length} bytes`): Promise<unknown> {
  const before = bytes.slice();
  const started = performance.now();
  const { result, allocated } = await counted(async () => {
    try {
      return await read(bytes);
    } catch (error) {
      if (error instanceof RvqError) return error;
      throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
  });
  demand(performance.now() - started < MOST_MILLISECONDS, `${what}: took ${performance.now() - started} ms`);
  demand(allocated <= memory.perByte * bytes.length + memory.fixed, `${what}: took ${allocated} bytes of memory`);
  demand(Buffer.compare(bytes, before) === 0, `${what}: the bytes were changed`);
  if (result instanceof RvqError) {
    const { code, message } = result;
    const ours = code === 'BAD_FILE' ? /: expected .+, got /s.test(message) : code === 'CODEBOOK_MISMATCH' || code === 'UNSUPPORTED';
    demand(ours && (message.startsWith(`${name}: `) || message.startsWith(`${name}/`)), `${what}: ${code} ${message}`);
  } else checkSound(result, what);
  return result;
}

/** As expect, at a fraction of its time: it is asked some hundred thousand times. */
function demand(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(otherwise);
}

/** Arrays are as long as the shape beside them says. */
function checkSound(result: unknown, what: string): void {
  if (typeof result !== 'object' || result === null || ArrayBuffer.isView(result)) return;
  const { data, rows, dim, stages, width, codewords } = result as Partial<Record<string, number | number[] | Float32Array>>;
  if (data instanceof Object && 'length' in data && typeof rows === 'number') {
    demand(data.length === rows * Number(dim ?? stages ?? width), `${what}: ${data.length} values`);
  } else if (data instanceof Float32Array && Array.isArray(codewords)) {
    demand(data.length === codewords.reduce((a, b) => a + b, 0) * Number(dim), `${what}: ${data.length} values`);
    demand(data.every(Number.isFinite), `${what}: values that are not finite`);
  } else for (const part of Object.values(result)) checkSound(part, what);
}

const COUNTED = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
] as const;

/** Does `work` and counts the bytes of the arrays that it makes. */
async function counted<T>(work: () => Promise<T>): Promise<{ result: T; allocated: number }> {
  const scope: Record<string, unknown> = globalThis as unknown as Record<string, unknown>;
  const originals = COUNTED.map((name) => [name, scope[name]] as const);
  let allocated = 0;
  for (const [name, original] of originals) {
    scope[name] = new Proxy(original as new (...args: unknown[]) => { byteLength: number }, {
      construct(target, args, self) {
        const made = Reflect.construct(target, args, self === scope[name] ? target : self);
        if (!(args[0] instanceof ArrayBuffer)) allocated += made.byteLength;
        return made;
      },
    });
  }
  try {
    return { result: await work(), allocated };
  } finally {
    for (const [name, original] of originals) scope[name] = original;
  }
}
