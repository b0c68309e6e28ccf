import { defineConfig, type Options } from 'tsup';
import { bundleWorker } from './scripts/worker-script.ts';

const shared: Options = {
  target: 'es2022',
  splitting: true, // one copy of the model, and so of RvqError, whichever entries a program imports
  treeshake: true,
  minifySyntax: true,
  minifyWhitespace: true,
  loader: { '.wasm': 'binary' }, // the bytes inside the script: nothing to fetch, nothing to configure
  noExternal: [/^@noble\/hashes/, 'commander', 'fflate'],
};

const library = { index: 'ts/index.ts', reference: 'ts/reference/index.ts', formats: 'ts/formats/index.ts', node: 'ts/node/index.ts' };

const neutral: Options = {
  ...shared,
  platform: 'neutral',
  external: [/^node:/, 'hyparquet', 'hyparquet-compressors', 'apache-arrow'],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main'];
  },
};

// The command is CommonJS because commander is, and shares the chunks of the CommonJS entries.
export default defineConfig(async () => {
  const define = { WORKER_SCRIPT: JSON.stringify(await bundleWorker()) };
  return [
    { ...neutral, define, entry: library, format: 'esm', dts: { entry: library } },
    { ...neutral, define, entry: { ...library, cli: 'ts/cli/main.ts' }, format: 'cjs', dts: { entry: library } },
  ];
});
