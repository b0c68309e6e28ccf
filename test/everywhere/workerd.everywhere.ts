// workerd, which Cloudflare's workers run in: the program bundled as Wrangler does, its .wasm a module beside it.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, writeFiles } from '../support/consumer.ts';
import { expected } from './support/expected.ts';
import { folderWith, tool } from './support/scratch.ts';
import { startServer } from './support/server.ts';

const HANDLER = `
export default {
  async fetch() {
    return Response.json(await answer().catch(({ name, code, message }) => ({ name, code, message })));
  },
};
`;

const IMPORTED = `
import { edge } from './edge.js';
const answer = edge;
${HANDLER}`;

/** The core as the program imports it, given to residual-vq/slim. */
const GIVEN = `
import * as slim from 'residual-vq/slim';
import { exercise } from './exercise.js';
import core from 'residual-vq/rvq_core.wasm';
async function answer() {
  await slim.init(core);
  return { slim: await exercise(slim) };
}
${HANDLER}`;

const MODULES = '(name = "main.js", esModule = embed "main.js"), (name = "rvq_core.wasm", wasm = embed "rvq_core.wasm")';

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)], sockets = [(name = "http", http = (), service = "main")]);
const main :Workerd.Worker = (modules = [${MODULES}], compatibilityDate = "2026-11-01");
`;

/** What the program answers to a request. */
async function answerOf(program: string, condition: string): Promise<unknown> {
  const folder = folderWith('workerd', { 'program.js': program });
  const args = ['program.js', '--bundle', '--format=esm', '--external:*.wasm', `--conditions=${condition}`, '--outfile=out/main.js'];
  const aliased = '--alias:residual-vq/rvq_core.wasm=./rvq_core.wasm';
  await run(tool('.bin/esbuild'), [...args, aliased], folder);
  copyFileSync(tool('residual-vq/dist/rvq_core.wasm'), join(folder, 'out/rvq_core.wasm'));
  writeFiles(join(folder, 'out'), { 'config.capnp': CONFIG });
  const { url, close } = await startServer(
    tool('.bin/workerd'),
    ['serve', 'config.capnp', '--socket-addr', 'http=127.0.0.1:{port}'],
    join(folder, 'out'),
  );
  onTestFinished(close);
  return (await fetch(url)).json();
}

describe('workerd', () => {
  it('imports the core, and gives the same codes', async () => {
    expect(await answerOf(IMPORTED, 'workerd')).toEqual({ root: expected.root, reference: expected.reference });
  });

  it('takes the core through residual-vq/slim', async () => {
    expect(await answerOf(GIVEN, 'import')).toEqual({ slim: expected.slim });
  });

  it('says that it may not compile the core, where the condition was not set', async () => {
    const told = {
      name: 'RvqError',
      code: 'NO_WEBASSEMBLY',
      message: expect.stringMatching(/may compile no WebAssembly .* give one to residual-vq\/slim/),
    };
    expect(await answerOf(IMPORTED, 'import')).toEqual(told);
  });
});
