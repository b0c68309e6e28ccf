import { readFile } from 'node:fs/promises';
import { defineConfig, type Plugin } from 'vitest/config';
import { coreExports } from './scripts/core-exports.ts';
import { bundleWorker } from './scripts/worker-script.ts';

/** Loads a .wasm file as what gives its bytes, as the bundle does. */
const wasmBytes: Plugin = {
  name: 'wasm-bytes',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('.wasm')) return null;
    const base64 = (await readFile(id)).toString('base64');
    return `export default () => Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0));`;
  },
};

export default defineConfig(async () => ({
  plugins: [wasmBytes],
  define: { WORKER_SCRIPT: JSON.stringify(await bundleWorker()), CORE_EXPORTS: JSON.stringify(await coreExports()) },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    // the garbage collector, for the tests of memory
    execArgv: ['--expose-gc'],
    maxWorkers: 2,
  },
}));
