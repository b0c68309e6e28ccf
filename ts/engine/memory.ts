// The one place where WebAssembly memory is seen. Views are made, used and dropped within a call: memory.grow detaches them.
import { count, counted, RvqError } from '../model/errors.ts';
import { type Core, guarded } from './core.ts';

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Reservations in the core's memory that live as long as one call of `withMemory`. Pointers are byte offsets. */
export interface Scope {
  readonly core: Core;
  reserve(byteLength: number): number;
  /** Reserves and copies in. */
  place(values: Numbers): number;
  copyIn(values: Numbers, pointer: number): void;
  copyOut(pointer: number, values: Numbers): void;
}

/** Runs `use` with a scope, and gives back what it reserved however it ends. */
export function withMemory<T>(use: (scope: Scope) => T): T {
  return guarded((core) => {
    const reservations: [pointer: number, byteLength: number][] = [];
    const reserve = (byteLength: number): number => {
      const pointer = core.reserve(byteLength) >>> 0;
      if (pointer === 0) throw outOfMemory(core, byteLength);
      reservations.push([pointer, byteLength]);
      return pointer;
    };
    const copyIn = (values: Numbers, pointer: number): void => {
      new Uint8Array(core.memory.buffer, pointer, values.byteLength).set(bytesOf(values));
    };
    const scope: Scope = {
      core,
      reserve,
      place(values) {
        const pointer = reserve(values.byteLength);
        copyIn(values, pointer);
        return pointer;
      },
      copyIn,
      copyOut(pointer, values) {
        bytesOf(values).set(new Uint8Array(core.memory.buffer, pointer, values.byteLength));
      },
    };
    let trapped = false;
    try {
      return use(scope);
    } catch (error) {
      trapped = error instanceof WebAssembly.RuntimeError;
      throw error;
    } finally {
      if (!trapped) for (const [pointer, byteLength] of reservations) core.release(pointer, byteLength);
    }
  });
}

/** A handle that the core gave, or an error where it gave none. */
export function opened(core: Core, handle: number, byteLength: number): number {
  if (handle === 0) throw outOfMemory(core, byteLength);
  return handle >>> 0;
}

function outOfMemory(core: Core, byteLength: number): RvqError {
  const held = count(core.memory.buffer.byteLength);
  return new RvqError('OUT_OF_MEMORY', 'WebAssembly memory', `cannot grow by ${counted(byteLength, 'bytes')}; it holds ${held}`);
}

function bytesOf(values: Numbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
