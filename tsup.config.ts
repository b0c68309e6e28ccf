import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  target: 'es2022',
  sourcemap: false,
  treeshake: true,
  minifySyntax: true,
  minifyWhitespace: true,
  loader: { '.wasm': 'binary' },
  noExternal: [/^@noble\/hashes/],
};

export default defineConfig([
  {
    ...shared,
    entry: { index: 'ts/index.ts', reference: 'ts/reference/index.ts' },
    platform: 'neutral',
    format: ['esm', 'cjs'],
    dts: { entry: { index: 'ts/index.ts', reference: 'ts/reference/index.ts', node: 'ts/node/index.ts' } },
    clean: true,
  },
]);
