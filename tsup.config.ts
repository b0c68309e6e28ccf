import { copyFile, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';
import { coreExports } from './scripts/core-exports.ts';
import { asVariants, type Variant, variants } from './scripts/variants.ts';
import { bundleWorker, sharedScript } from './scripts/worker-script.ts';

/** The entries, each as a module and as CommonJS. */
const library = {
  index: 'ts/index.ts',
  slim: 'ts/slim/index.ts',
  reference: 'ts/reference/index.ts',
  formats: 'ts/formats/index.ts',
  node: 'ts/node/index.ts',
  pool: 'ts/web/index.ts',
};

/** Served as it is, without chunks; it imports and exports nothing, so that browsers take it as a script of either kind. */
const worker = { worker: 'ts/web/worker.ts' };

/** The root again, where the runtime imports .wasm files: modules only. */
const runtimes = { 'index.workerd': 'ts/index.ts', 'index.edge': 'ts/index.ts' };

const VARIANTS: Readonly<Record<string, Variant>> = { slim: 'given', worker: 'given', 'index.workerd': 'workerd', 'index.edge': 'edge' };

const shared: Options = {
  target: 'es2022',
  platform: 'neutral',
  splitting: true, // one copy of the model, and so of RvqError, whichever entries a program imports
  treeshake: true,
  // esbuild's minifier drops the marks of calls without effects, and bundlers then keep what a program does not use. Terser leaves them,
  // where it may not take the calls apart. Lines are short, because an error that nobody catches shows the one it comes from.
  minify: 'terser',
  terserOptions: {
    module: true,
    compress: { passes: 2, join_vars: false, inline: false },
    format: { preserve_annotations: true, max_line_len: 200 },
  },
  external: [/^node:/, 'hyparquet', 'hyparquet-compressors', 'apache-arrow'],
  removeNodeProtocol: false, // other runtimes know Node's modules by it
  noExternal: [/^@noble\/hashes/, 'commander', 'fflate'],
  esbuildPlugins: [variants, sharedScript],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main'];
    asVariants(options, VARIANTS);
  },
};

/** What a module and CommonJS have in common is in the package once: the modules' types are those of CommonJS. */
async function finish(): Promise<void> {
  const types = Object.keys(library).map((name) => writeFile(`dist/${name}.d.ts`, `export * from './${name}.cjs';\n`));
  const ofWorker = ['worker.d.ts', 'worker.d.cts'].map((name) => writeFile(`dist/${name}`, 'export {};\n'));
  await Promise.all([...types, ...ofWorker, writeFile('dist/worker.cjs', `require('./worker.js');\n`)]);
  await copyFile('crate/pkg/rvq_core_bg.wasm', 'dist/rvq_core.wasm');
}

// The command is CommonJS because commander is, and shares the chunks of the CommonJS entries.
export default defineConfig(async () => {
  const define = { WORKER_SCRIPT: JSON.stringify(await bundleWorker()), CORE_EXPORTS: JSON.stringify(await coreExports()) };
  return [
    { ...shared, define, entry: { ...library, ...runtimes }, format: 'esm', onSuccess: finish },
    { ...shared, define, entry: { ...library, cli: 'ts/cli/main.ts' }, format: 'cjs', dts: { entry: library } },
    { ...shared, define, splitting: false, entry: { thread: 'ts/node/script.ts' }, format: 'cjs' },
    { ...shared, splitting: false, entry: worker, format: 'esm' },
  ];
});
