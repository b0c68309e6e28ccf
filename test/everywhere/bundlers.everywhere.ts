// Programs for browsers, built by esbuild, webpack, Vite and Next.js as their documents say, give Node's codes in Chromium.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { node, run } from '../support/consumer.ts';
import { type Browser, openChromium, pageOf, resultOf } from './support/browser.ts';
import { expected, expectedOfPage } from './support/expected.ts';
import { folderWith, tool } from './support/scratch.ts';
import { type Served, serveFolder, startServer } from './support/server.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openChromium();
});

afterAll(() => browser?.close());

async function resultFrom(serving: Promise<Served>): Promise<unknown> {
  const { url, close } = await serving;
  onTestFinished(close);
  return resultOf(browser, url);
}

describe('esbuild', () => {
  const BUNDLER = `
import coreUrl from 'residual-vq/rvq_core.wasm';
const worker = () => new Worker('worker.js', { type: 'module' });
const classicWorker = () => new Worker('classic.js');
export const workers = [worker, classicWorker];
export { coreUrl };
`;

  it('builds a page', async () => {
    const folder = folderWith('esbuild', { 'bundler.js': BUNDLER, 'out/index.html': pageOf('app.js') });
    const build = (...args: string[]): Promise<string> => run(tool('.bin/esbuild'), [...args, '--bundle', '--minify', '--log-level=warning'], folder);
    expect(await build('app.js', 'worker.js', '--format=esm', '--loader:.wasm=file', '--outdir=out')).toBe('');
    expect(await build('worker.js', '--format=iife', '--outfile=out/classic.js')).toBe('');
    expect(await resultFrom(serveFolder(join(folder, 'out')))).toEqual(expectedOfPage(3));
  });

  it('leaves out all that a program does not use', async () => {
    const program = `import { decode } from 'residual-vq/reference'; import * as rvq from 'residual-vq'; globalThis.decode = decode;`;
    const folder = folderWith('esbuild', { 'decode.js': program });
    await run(tool('.bin/esbuild'), ['decode.js', '--bundle', '--minify', '--format=esm', '--outfile=out.js'], folder);
    const text = readFileSync(join(folder, 'out.js'), 'utf8');
    expect(text).not.toMatch(/[A-Za-z0-9+/]{20000,}|WebAssembly/);
    expect(text.length).toBeLessThan(9_000);
  });
});

/** As webpack, Next.js and others know it: URLs relative to the module, of files or of what a package has. */
const BY_URL = `
export const coreUrl = new URL('residual-vq/rvq_core.wasm', import.meta.url);
export const workers = [
  () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  () => new Worker(new URL('residual-vq/worker', import.meta.url), { type: 'module' }),
];
`;

describe('webpack', () => {
  const CONFIG = `
import webpack from 'webpack';
// the page of the test is larger than webpack advises pages to be
const compiler = webpack({ mode: process.argv[2], performance: false, context: import.meta.dirname, entry: './app.js', output: { path: import.meta.dirname + '/out', publicPath: 'auto' } });
compiler.run((error, stats) => {
  if (error) throw error;
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  console.log([...errors, ...warnings].map(({ message }) => message).join('\\n'));
});
`;

  it.each(['development', 'production'])('builds a page for %s', async (mode) => {
    const folder = folderWith('webpack', { 'bundler.js': BY_URL, 'build.mjs': CONFIG, 'out/index.html': pageOf('main.js') });
    expect((await node(['build.mjs', mode], folder)).trim()).toBe('');
    expect(await resultFrom(serveFolder(join(folder, 'out')))).toEqual(expectedOfPage(3));
  });
});

describe('Vite', () => {
  const BUNDLER = `
import coreUrl from 'residual-vq/rvq_core.wasm?url';
import PoolWorker from './worker.js?worker';
export const workers = [
  () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  () => new Worker(new URL('residual-vq/worker', import.meta.url), { type: 'module' }),
  () => new PoolWorker(),
];
export { coreUrl };
`;
  const files = { 'bundler.js': BUNDLER, 'index.html': pageOf('./app.js') };
  const vite = tool('vite/bin/vite.js');

  it('serves a page in development', async () => {
    const folder = folderWith('vite', files);
    const args = [vite, '--host', '127.0.0.1', '--port', '{port}', '--strictPort'];
    expect(await resultFrom(startServer(process.execPath, args, folder))).toEqual(expectedOfPage(4));
  });

  it('builds a page', async () => {
    const folder = folderWith('vite', { ...files, 'vite.config.js': `export default { worker: { format: 'es' } };` });
    await node([vite, 'build', '--logLevel', 'warn'], folder);
    expect(readdirSync(join(folder, 'dist/assets')).some((name) => name.endsWith('.wasm'))).toBe(true);
    expect(await resultFrom(serveFolder(join(folder, 'dist')))).toEqual(expectedOfPage(4));
  });
});

describe('Next.js', () => {
  const LAYOUT = `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }`;
  /** On the server: in a server component, in Node and in the edge runtime; on the client: the same page as others. */
  const FILES = {
    'package.json': JSON.stringify({ name: 'app', private: true, type: 'module' }),
    'next.config.mjs': `import { join } from 'node:path';
export default { turbopack: { root: join(import.meta.dirname, '../..') } };`,
    'app/layout.jsx': LAYOUT,
    'app/page.jsx': `'use client';
import { useEffect } from 'react';
export default function Page() {
  useEffect(() => { import('../app.js'); }, []);
  return <p>page</p>;
}`,
    'app/server/page.jsx': `import * as rvq from 'residual-vq';
import { exercise } from '../../exercise.js';
export const dynamic = 'force-dynamic';
export default async function Page() { return <pre id="result">{JSON.stringify({ root: await exercise(rvq) })}</pre>; }`,
    'app/api/route.js': `import { edge } from '../../edge.js';
export const GET = async () => Response.json(await edge());
export const dynamic = 'force-dynamic';`,
    'app/edge/route.js': `import * as rvq from 'residual-vq';
import { exercise } from '../../exercise.js';
export const runtime = 'edge';
export const GET = async () => Response.json({ root: await exercise(rvq) });
export const dynamic = 'force-dynamic';`,
    'bundler.js': BY_URL,
  };
  const next = tool('next/dist/bin/next');
  let served: Served;

  beforeAll(async () => {
    const folder = folderWith('next', FILES);
    await run(process.execPath, [next, 'build'], folder);
    served = await startServer(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '{port}'], folder, { NEXT_TELEMETRY_DISABLED: '1' });
  });

  afterAll(() => served?.close());

  it('renders on the server', async () => {
    const html = await (await fetch(new URL('server', served.url))).text();
    const text = /<pre id="result">(.*?)<\/pre>/.exec(html)?.[1].replaceAll('&quot;', '"') ?? 'null';
    expect(JSON.parse(text)).toEqual({ root: expected.root });
  });

  it('answers from a route, in Node and in the edge runtime', async () => {
    const { root, reference } = expected;
    expect(await (await fetch(new URL('api', served.url))).json()).toEqual({ root, reference });
    expect(await (await fetch(new URL('edge', served.url))).json()).toEqual({ root });
  });

  it('runs on the client', async () => {
    expect(await resultOf(browser, served.url)).toEqual(expectedOfPage(3));
  });
});
