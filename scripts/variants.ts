// Entries that are built from the same sources with something else in the place of the core's bytes. Whatever can reach the core is
// in the package once more for each of them; the data, its checks and the errors are there once.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import type { Options } from 'tsup';

export type Plugin = NonNullable<Options['esbuildPlugins']>[number];
type EsbuildOptions = Parameters<NonNullable<Options['esbuildOptions']>>[0];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What stands in the place of the .wasm, by the name of the variant. */
const CORE = {
  /** Nothing: it is given later. */
  given: 'export default undefined;',
  /** A module that the runtime compiled. Wrangler and workerd know it by this ending, */
  workerd: `export { default } from './rvq_core.wasm';`,
  /** Next.js and Vercel by this one. */
  edge: `export { default } from './rvq_core.wasm?module';`,
} as const;

export type Variant = keyof typeof CORE;

/** The core as a function that gives its bytes: deflated, for base64 of them as they are would take half as much again of every download. */
function inlined(bytes: Uint8Array): string {
  const packed = deflateRawSync(bytes, { level: 9 }).toString('base64');
  return `import { inflateSync } from 'fflate';
const packed = '${packed}';
export default () => {
  // What the engine brings, where it can be had without an import, is ten times as fast as code that runs for the first time.
  const builtin = (name) => globalThis.process?.getBuiltinModule?.(name);
  const deflated = Uint8Array.fromBase64?.(packed) ?? builtin('buffer')?.Buffer.from(packed, 'base64') ?? bytesOf(atob(packed));
  const inflated = builtin('zlib')?.inflateRawSync(deflated);
  return inflated === undefined ? inflateSync(deflated) : new Uint8Array(inflated);
};
function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}`;
}

/** What a file imports beside types. */
const IMPORTS = /^(?:import|export)\s(?!type\b)[^;']*?from '(\.[^']*)'/gms;

/** Whether a file imports the core, itself or by what it imports. */
function reachesCore(path: string, seen = new Set<string>()): boolean {
  if (path.endsWith('.wasm')) return true;
  if (seen.has(path) || !path.endsWith('.ts')) return false;
  seen.add(path);
  return [...readFileSync(path, 'utf8').matchAll(IMPORTS)].some(([, imported]) => reachesCore(resolve(dirname(path), imported), seen));
}

/** Makes entries, by their names, the variants that they are. */
export function asVariants(options: EsbuildOptions, entries: Readonly<Record<string, Variant>>): void {
  const paths = options.entryPoints as Record<string, string>;
  options.entryPoints = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, name in entries ? `${entries[name]}:${path}` : path]));
}

export const variants: Plugin = {
  name: 'variants',
  setup(build) {
    build.onLoad({ filter: /\.wasm$/, namespace: 'file' }, async ({ path }) => ({
      contents: inlined(await readFile(path)),
      loader: 'js',
      resolveDir: ROOT,
    }));
    for (const [variant, core] of Object.entries(CORE)) {
      build.onResolve({ filter: new RegExp(`^${variant}:`) }, ({ path }) => ({
        path: resolve(ROOT, path.slice(variant.length + 1)),
        namespace: variant,
      }));
      build.onResolve({ filter: /^\./, namespace: variant }, ({ path, resolveDir }) => {
        if (path.startsWith('./rvq_core.wasm')) return { path, external: true };
        const found = resolve(resolveDir, path);
        return reachesCore(found) ? { path: found, namespace: variant } : { path: found };
      });
      build.onLoad({ filter: /\.wasm$/, namespace: variant }, () => ({ contents: core, loader: 'js' }));
      build.onLoad({ filter: /\.ts$/, namespace: variant }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'ts',
        resolveDir: dirname(path),
      }));
    }
  },
};
