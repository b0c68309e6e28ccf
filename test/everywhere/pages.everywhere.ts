// Pages in Chromium and Firefox: policies, isolation, workers that do not come, engines that lack something. What is refused has a code and
// says why, and the page goes on.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/consumer.ts';
import { type Browser, openChromium, openFirefox, pageOf, resultOf } from './support/browser.ts';
import { expectedOfPage } from './support/expected.ts';
import { folderWith, tool } from './support/scratch.ts';
import { type Served, serveFolder } from './support/server.ts';

const FILES = {
  'bundler.js': `export const coreUrl = 'rvq_core.wasm'; export const workers = [() => new Worker('worker.js', { type: 'module' })];`,
  'out/index.html': pageOf('trouble.js'),
  'out/app.html': pageOf('app.js'),
  'out/silent.js': '// A worker that never says anything.',
};

/** What pages are served with. */
const HEADERS = {
  plain: {},
  allowed: { 'content-security-policy': `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'` },
  forbidden: { 'content-security-policy': `default-src 'self'; script-src 'self'` },
  isolated: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
};

const served = {} as Record<keyof typeof HEADERS, Served>;

/** The hash of the codes that every engine finds. */
let codes: number;

beforeAll(async () => {
  const folder = folderWith('pages', FILES);
  await run(tool('.bin/esbuild'), ['app.js', 'trouble.js', 'worker.js', '--bundle', '--minify', '--format=esm', '--outdir=out'], folder);
  copyFileSync(tool('residual-vq/dist/rvq_core.wasm'), join(folder, 'out/rvq_core.wasm'));
  for (const name of Object.keys(HEADERS) as (keyof typeof HEADERS)[]) served[name] = await serveFolder(join(folder, 'out'), HEADERS[name]);
  const source = `import * as rvq from 'residual-vq'; import { bits, inputs } from './exercise.js';
    const { book, vectors } = inputs(rvq, 1000); console.log(bits(rvq.encode(book, vectors).data));`;
  codes = Number(await run(process.execPath, ['--input-type=module', '-e', source], folder));
});

afterAll(() => Promise.all(Object.values(served).map(({ close }) => close())));

const BROWSERS: readonly [string, () => Promise<Browser>][] = [
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
];

const POLICY = /^engine: this engine may compile no WebAssembly .* Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src/;

describe.each(BROWSERS)('%s', (_, open) => {
  let browser: Browser;
  const visit = (where: keyof typeof HEADERS, what: string): Promise<unknown> => resultOf(browser, `${served[where].url}${what}`);

  beforeAll(async () => {
    browser = await open();
  });

  afterAll(() => browser?.close());

  it.each(['plain', 'allowed', 'isolated'] as const)('does all that Node does on a page that is %s', async (where) => {
    expect(await visit(where, 'app.html')).toEqual(expectedOfPage(2));
  });

  it('says which policy forbids WebAssembly', async () => {
    const refused = { name: 'RvqError', code: 'NO_WEBASSEMBLY', message: expect.stringMatching(POLICY) };
    expect(await visit('forbidden', '?encode')).toEqual({ encode: refused, reference: codes });
    expect(await visit('forbidden', '?pool')).toMatchObject({ first: refused, errors: [] });
    expect(await visit('forbidden', '?slim')).toMatchObject({ failed: { code: 'NOT_INITIALIZED' } });
  });

  it('shares memory with workers where the page is isolated, else sends copies', async () => {
    expect(await visit('isolated', '?sharing')).toEqual({
      isolated: true,
      codes: [codes, codes],
      plain: { shared: 0, transferred: expect.any(Number) },
      shared: { shared: expect.any(Number), transferred: 0 },
      kept: true,
    });
    expect(await visit('plain', '?sharing')).toEqual({
      isolated: false,
      codes: [codes, codes],
      plain: { shared: 0, transferred: expect.any(Number) },
      shared: { shared: 0, transferred: expect.any(Number) },
      kept: true,
    });
  });

  it.each(['missing', 'page'])('says that a script of workers cannot be loaded: %s', async (what) => {
    const refused = {
      name: 'RvqError',
      code: 'WORKER_FAILED',
      message: expect.stringMatching(/^worker: could not start: its script cannot be loaded/),
    };
    expect(await visit('plain', `?${what}`)).toEqual({
      first: refused,
      errors: ['WORKER_FAILED', 'WORKER_FAILED'],
      lost: 2,
      afterwards: { value: codes },
    });
  });

  it('says that what it was given is no worker', async () => {
    const message = 'worker: could not start: createPool option worker: expected it to return a Worker, got "a worker"';
    expect(await visit('plain', '?none')).toMatchObject({ first: { code: 'WORKER_FAILED', message }, afterwards: { value: codes } });
  });

  it('has residual-vq/slim say what is wrong with its core', async () => {
    expect(await visit('plain', '?slim')).toEqual({
      early: expect.objectContaining({ code: 'NOT_INITIALIZED' }),
      missing: expect.objectContaining({ code: 'FILE_ACCESS', message: expect.stringMatching(/status 404 from http.*no-such-core.wasm$/) }),
      wrong: expect.objectContaining({ code: 'BAD_FILE', message: expect.stringContaining('that begin with 3c 21 64 6f') }),
      unreachable: expect.objectContaining({ code: 'FILE_ACCESS', message: expect.stringMatching(/^init source: did not come: /) }),
      right: {},
      afterwards: codes,
    });
  });
});

/** What the page gives in a browser of its own. */
async function resultIn(opening: Promise<Browser>, what: string): Promise<unknown> {
  const browser = await opening;
  try {
    return await resultOf(browser, `${served.plain.url}${what}`);
  } finally {
    await browser.close();
  }
}

const NO_WEBASSEMBLY = /has no WebAssembly; residual-vq\/reference gives the same codes without it$/;
const NO_SIMD = /has WebAssembly without its 128-bit SIMD.*; residual-vq\/reference gives the same codes without it$/;

const LACKING = [
  { name: 'Chromium without WebAssembly', message: NO_WEBASSEMBLY, open: () => openChromium(['--jitless']) },
  { name: 'Firefox without WebAssembly', message: NO_WEBASSEMBLY, open: () => openFirefox({ 'javascript.options.wasm': false }) },
];

// Processors of other kinds have SIMD always.
if (process.arch === 'x64') {
  LACKING.push({ name: 'Chromium without SIMD', message: NO_SIMD, open: () => openChromium(['--no-enable-ssse3', '--no-enable-sse4-1']) });
}

describe('a browser', () => {
  it.each(LACKING)('says what it lacks, and the reference works: $name', async ({ message, open }) => {
    const refused = { name: 'RvqError', code: 'NO_WEBASSEMBLY', message: expect.stringMatching(message) };
    expect(await resultIn(open(), '?encode')).toEqual({ encode: refused, reference: codes });
    expect(await resultIn(open(), '?pool')).toMatchObject({ first: refused, afterwards: refused });
  });

  it('says that a worker keeps silent', async () => {
    const message = 'worker: could not start: no sign of it after 30 seconds: does its script import residual-vq/worker?';
    expect(await resultIn(openChromium(), '?silent')).toMatchObject({ first: { code: 'WORKER_FAILED', message }, afterwards: { value: codes } });
  });

  it('whose memory cannot grow says so, and the page goes on', async () => {
    const refused = { name: 'RvqError', code: 'OUT_OF_MEMORY', message: expect.stringMatching(/^WebAssembly memory: cannot grow by [\d,]+ bytes/) };
    expect(await resultIn(openChromium(['--wasm-max-mem-pages=40']), '?large')).toEqual({ large: refused, encode: { value: codes } });
  });

  it('whose memory does not suffice for the core says so', async () => {
    const message = expect.stringMatching(/^WebAssembly (?:memory|core): cannot be/);
    const open = (): Promise<Browser> => openChromium(['--wasm-max-mem-pages=1']);
    expect(await resultIn(open(), '?encode')).toEqual({ encode: { name: 'RvqError', code: 'OUT_OF_MEMORY', message }, reference: codes });
    expect(await resultIn(open(), '?pool')).toMatchObject({ first: { message: expect.stringMatching(/WebAssembly (?:memory|core): cannot be/) } });
  });
});
