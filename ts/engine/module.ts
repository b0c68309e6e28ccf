// The compiled core of this thread: of what the build has put in, at its first use, or given by the program or by another thread.
import source from '../../crate/pkg/rvq_core_bg.wasm';
import { RvqError } from '../model/errors.ts';

/** The compiled core: a thread can give it to others, which then need neither its bytes nor the time to compile them. */
export type CoreModule = WebAssembly.Module;

/** A module with one function of type () -> v128, whose body is i32.const 0, i8x16.splat: type, function and code section. */
const SIMD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b];

const ELSEWHERE = 'residual-vq/reference gives the same codes without it';

let module: CoreModule | undefined;

/** The compiled core of this thread. */
export function getModule(): CoreModule {
  module ??= load();
  return module;
}

/** Whether it is there already. */
export function hasModule(): boolean {
  return module !== undefined;
}

/** Takes what the program or another thread compiled; before the first use. */
export function useModule(given: CoreModule): void {
  module = given;
}

function load(): CoreModule {
  checkWebAssembly();
  if (source === undefined) {
    throw new RvqError('NOT_INITIALIZED', 'residual-vq/slim', 'await init(...) with residual-vq/rvq_core.wasm, before any other call');
  }
  if (typeof source !== 'function') return source; // compiled by the runtime
  try {
    return new WebAssembly.Module(source());
  } catch (error) {
    throw compileError(error);
  }
}

/** @throws RvqError `NO_WEBASSEMBLY` where the engine lacks it or its SIMD */
export function checkWebAssembly(): void {
  if (typeof WebAssembly !== 'object') throw lacking(`has no WebAssembly; ${ELSEWHERE}`);
  if (!WebAssembly.validate(Uint8Array.from(SIMD))) {
    throw lacking(`has WebAssembly without its 128-bit SIMD, which Chrome and Edge have from 91 on, Firefox from 89, Safari from 16.4; ${ELSEWHERE}`);
  }
}

/** Why an engine with WebAssembly and SIMD does not compile the core, where its bytes are right. */
export function compileError(cause: unknown): RvqError {
  if (cause instanceof RangeError) return new RvqError('OUT_OF_MEMORY', 'WebAssembly core', `cannot be compiled: ${cause.message}`, { cause });
  const policy = `may compile no WebAssembly (${String(cause)}). A page's Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src`;
  const others = `where modules cannot be compiled but imported, give one to residual-vq/slim; ${ELSEWHERE}`;
  return new RvqError('NO_WEBASSEMBLY', 'engine', `this engine ${policy}; ${others}`, { cause });
}

function lacking(what: string): RvqError {
  return new RvqError('NO_WEBASSEMBLY', 'engine', `this engine ${what}`);
}
