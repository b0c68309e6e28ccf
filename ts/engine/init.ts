// How a program gives the core to residual-vq/slim, which has none of its own: as bytes, compiled, or as the response that brings it.
import { badArgument, count, RvqError } from '../model/errors.ts';
import { getCore } from './core.ts';
import { type CoreModule, checkWebAssembly, compileError, hasModule, useModule } from './module.ts';

/** The exports of the core that the package was built with, as `name kind, name kind`: put in by the bundler, scripts/core-exports.ts. */
declare const CORE_EXPORTS: string;

/** A compiled `WebAssembly.Module`. TypeScript's own type of it has no members either, and is in its DOM library alone. */
export type CompiledCore = object;

/** residual-vq/rvq_core.wasm: its bytes, what they were compiled to, or a response with them, whatever its Content-Type. */
export type CoreSource = ArrayBuffer | ArrayBufferView | CompiledCore | Response;

const EXPECTED = 'the bytes of residual-vq/rvq_core.wasm, a WebAssembly.Module of them, or a Response with them';

/**
 * Gets residual-vq/slim ready: to be awaited before any other call. A second call changes nothing.
 *
 * @param source residual-vq/rvq_core.wasm of the same version, or a promise of it, such as `fetch(url)`
 * @throws RvqError `BAD_FILE` for other bytes or another module, `FILE_ACCESS` where the response is no success or its bytes do not come,
 * `NO_WEBASSEMBLY` where the engine lacks WebAssembly or its SIMD or may not compile it
 */
export async function init(source: CoreSource | Promise<CoreSource>): Promise<void> {
  const given = await arrival(source);
  if (hasModule()) return;
  checkWebAssembly();
  const module = isA(given, 'WebAssembly.Module') ? (given as CoreModule) : await compile(await bytesOf(given));
  checkExports(module);
  useModule(module);
  getCore(); // so that want of memory shows now
}

/** What the promise of a program's own was for; its error becomes the cause of ours. */
async function arrival<T>(promise: T | Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw new RvqError('FILE_ACCESS', 'init source', `did not come: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** In an array of their own: the caller's may be shared with other threads. */
async function bytesOf(given: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (isA(given, 'Response')) {
    const { ok, status, url } = given as Response;
    if (!ok) throw new RvqError('FILE_ACCESS', 'init source', `expected a successful response, got status ${status}${url && ` from ${url}`}`);
    return new Uint8Array(await arrival((given as Response).arrayBuffer()));
  }
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice();
  if (isA(given, 'ArrayBuffer') || isA(given, 'SharedArrayBuffer')) return new Uint8Array(given as ArrayBuffer).slice();
  throw badArgument('init source', EXPECTED, given);
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<CoreModule> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (cause instanceof RangeError || WebAssembly.validate(bytes)) throw compileError(cause);
    const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const got = bytes.length === 0 ? 'none' : `${count(bytes.length)} that begin with ${first}`;
    throw new RvqError('BAD_FILE', 'init source', `expected the bytes of residual-vq/rvq_core.wasm, got ${got}: ${String(cause)}`, { cause });
  }
}

function checkExports(module: CoreModule): void {
  const found = WebAssembly.Module.exports(module).map(({ name, kind }) => `${name} ${kind}`);
  const expected = CORE_EXPORTS.split(', ');
  const missing = expected.filter((one) => !found.includes(one));
  const odd = found.filter((one) => !expected.includes(one));
  if (missing.length === 0 && odd.length === 0) return;
  const difference = missing.length > 0 ? `without the export ${missing[0]}` : `that exports ${odd[0]}`;
  throw new RvqError('BAD_FILE', 'init source', `expected the core of this version of residual-vq, got a module ${difference}`);
}

/** Whether a value is one of the engine's own, of this realm or another. */
function isA(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
