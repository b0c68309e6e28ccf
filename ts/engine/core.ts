// The one WebAssembly instance of this thread: made at its first use, thrown away when it trapped.

import type { InitOutput } from '../../crate/pkg/rvq_core.js';
import { RvqError } from '../model/errors.ts';
import { getModule } from './module.ts';

/** The exports of the crate's boundary. */
export type Core = InitOutput;

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

function instantiate(): Core {
  const compiled = getModule();
  // What wasm-bindgen imports serves JavaScript objects, of which this module passes none.
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(compiled)) {
    imports[from] = { ...imports[from], [name]: () => undefined };
  }
  try {
    return new WebAssembly.Instance(compiled, imports).exports as unknown as Core;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RvqError('OUT_OF_MEMORY', 'WebAssembly memory', `cannot be had: ${cause.message}`, { cause });
  }
}
