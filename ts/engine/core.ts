// The one WebAssembly instance of this thread: compiled (or given by another thread) and instantiated at its first use, thrown away
// when it trapped.

import type { InitOutput } from '../../crate/pkg/rvq_core.js';
import bytes from '../../crate/pkg/rvq_core_bg.wasm';
import { RvqError } from '../model/errors.ts';

/** The exports of the crate's boundary. */
export type Core = InitOutput;

/** The compiled core: a thread can give it to others, which then need neither its bytes nor the time to compile them. */
export type CoreModule = WebAssembly.Module;

let module: CoreModule | undefined;
let core: Core | undefined;

/** The instance. */
export function getCore(): Core {
  core ??= instantiate();
  return core;
}

/** Whether this is the instance in use, and not one that trapped. */
export function isCurrent(instance: Core): boolean {
  return instance === core;
}

/** The compiled core of this thread. */
export function getModule(): CoreModule {
  module ??= compile();
  return module;
}

/** Takes what another thread compiled; before the first use. */
export function useModule(given: CoreModule): void {
  module = given;
}

/** Runs `call`. Where the core traps, its memory is not to be trusted any more: the next call gets a new instance. */
export function guarded<T>(call: (core: Core) => T): T {
  try {
    return call(getCore());
  } catch (error) {
    if (typeof WebAssembly === 'object' && error instanceof WebAssembly.RuntimeError) {
      core = undefined;
      throw new RvqError('CORE_FAILED', 'WebAssembly core', `stopped (${error.message}): its memory could not grow, or this is a bug to report`, {
        cause: error,
      });
    }
    throw error;
  }
}

function compile(): CoreModule {
  if (typeof WebAssembly !== 'object') {
    throw new RvqError('NO_WEBASSEMBLY', 'engine', 'this engine has no WebAssembly; residual-vq/reference gives the same codes without it');
  }
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new RvqError(
      'NO_WEBASSEMBLY',
      'engine',
      `this engine cannot compile WebAssembly with 128-bit SIMD (${String(error)}); residual-vq/reference gives the same codes without it`,
      { cause: error },
    );
  }
}

function instantiate(): Core {
  const compiled = getModule();
  // What wasm-bindgen imports serves JavaScript objects, of which this module passes none.
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(compiled)) {
    imports[from] = { ...imports[from], [name]: () => undefined };
  }
  return new WebAssembly.Instance(compiled, imports).exports as unknown as Core;
}
