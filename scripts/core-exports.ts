// What the committed core exports: what stands for CORE_EXPORTS in ts/engine/init.ts, in the package and in tests.
import { readFile } from 'node:fs/promises';

/** As `name kind, name kind`. */
export async function coreExports(): Promise<string> {
  const bytes = await readFile(new URL('../crate/pkg/rvq_core_bg.wasm', import.meta.url));
  return WebAssembly.Module.exports(new WebAssembly.Module(bytes))
    .map(({ name, kind }) => `${name} ${kind}`)
    .join(', ');
}
