// The one WebAssembly instance of this thread: compiled and instantiated at its first use, thrown away when it trapped.

import type { InitOutput } from '../../crate/pkg/rvq_core.js';
import bytes from '../../crate/pkg/rvq_core_bg.wasm';
import { RvqError } from '../model/errors.ts';

/** The exports of the crate's boundary. */
export type Core = InitOutput;

let module: WebAssembly.Module | undefined;
let core: Core | undefined;

/** The instance. */
export function getCore(): Core {
  core ??= instantiate();
  return core;
}

/** Runs `call`. Where the core traps, its memory is not to be trusted any more: the next call gets a new instance. */
export function guarded<T>(call: (core: Core) => T): T {
  try {
    return call(getCore());
  } catch (error) {
    if (typeof WebAssembly === 'object' && error instanceof WebAssembly.RuntimeError) {
      core = undefined;
      throw new RvqError('OUT_OF_MEMORY', 'WebAssembly core', `stopped (${error.message}), most likely because its memory could not grow`, {
        cause: error,
      });
    }
    throw error;
  }
}

function instantiate(): Core {
  if (typeof WebAssembly !== 'object') {
    throw new RvqError('NO_WEBASSEMBLY', 'engine', 'this engine has no WebAssembly; residual-vq/reference gives the same codes without it');
  }
  try {
    module ??= new WebAssembly.Module(bytes);
  } catch (error) {
    throw new RvqError(
      'NO_WEBASSEMBLY',
      'engine',
      `this engine cannot compile WebAssembly with 128-bit SIMD (${String(error)}); residual-vq/reference gives the same codes without it`,
      { cause: error },
    );
  }
  // What wasm-bindgen imports serves JavaScript objects, of which this module passes none.
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] = { ...imports[from], [name]: () => undefined };
  }
  return new WebAssembly.Instance(module, imports).exports as unknown as Core;
}
