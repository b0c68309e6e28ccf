// The worker of Node's pool as a text: what stands for WORKER_SCRIPT in ts/node/script.ts, in the package and in tests.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { asVariants, type Plugin, variants } from './variants.ts';

/** Leaves ts/node/script.ts to a file of its own. Modules of Node can import CommonJS, so that the text is in the package once. */
export const sharedScript: Plugin = {
  name: 'shared-script',
  setup(build) {
    build.onResolve({ filter: /^\.\/script\.ts$/ }, () => ({ path: './thread.cjs', external: true }));
  },
};

/** Bundles ts/node/worker.ts. It holds no bytes of the core: those come from the pool, compiled. */
export async function bundleWorker(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rvq-worker-'));
  try {
    await build({
      config: false,
      silent: true,
      entry: { worker: 'ts/node/worker.ts' },
      outDir: folder,
      format: 'cjs',
      platform: 'node',
      target: 'es2022',
      treeshake: true,
      minify: true,
      esbuildPlugins: [variants],
      esbuildOptions: (options) => asVariants(options, { worker: 'given' }),
      noExternal: [/^@noble\/hashes/],
    });
    return await readFile(join(folder, 'worker.cjs'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
