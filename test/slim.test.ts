// residual-vq/slim: the same functions, once `init` was given the core. Each test has it fresh, without a core, as the package has.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as root from '../ts/index.ts';
import type * as slimEntry from '../ts/slim/index.ts';
import { bitsOf } from './support/bits.ts';
import { projectPath } from './support/data.ts';
import { normalRows } from './support/rows.ts';

const bytes = Uint8Array.from(readFileSync(projectPath('crate/pkg/rvq_core_bg.wasm')));
const book = root.randomCodebook({ dim: 9, stages: 3, codewords: 20, seed: 2 });
const rows = normalRows({ rows: 70, dim: 9 });

let slim: typeof slimEntry;

beforeEach(async () => {
  vi.resetModules();
  vi.doMock('../crate/pkg/rvq_core_bg.wasm', () => ({ default: undefined }));
  slim = await import('../ts/slim/index.ts');
});

/** A module with one export, the memory `memory`, and one that imports it under another name. */
const OTHER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0);

describe('before init', () => {
  it.each<[string, () => unknown]>([
    ['encode', () => slim.encode(book, rows)],
    ['decode', () => slim.decode(book, root.encode(book, rows))],
    ['evaluate', () => slim.evaluate(book, rows)],
    ['quantize', () => slim.quantize(book, new Float32Array(9))],
    ['train', () => slim.train(rows, { stages: 1, codewords: 2 })],
    ['a pool', () => slim.createPool({ worker: () => new Worker('') }).encode(book, rows)],
  ])('%s says what to do, and works afterwards', async (name, call) => {
    const message = 'residual-vq/slim: await init(...) with residual-vq/rvq_core.wasm, before any other call';
    await expect((async () => call())()).rejects.toMatchObject({ name: 'RvqError', code: 'NOT_INITIALIZED', message });
    await slim.init(bytes);
    if (name !== 'a pool') await call();
  });

  it('functions that need no core work', () => {
    expect(slim.matrix([[1, 2]]).dim).toBe(2);
    expect(slim.randomCodebook({ dim: 9, stages: 3, codewords: 20, seed: 2 }).id).toBe(book.id);
    expect(slim.pack(root.encode(book, rows), book).length).toBeGreaterThan(0);
  });
});

describe('init', () => {
  it.each<[string, () => slimEntry.CoreSource | Promise<slimEntry.CoreSource>]>([
    ['bytes', () => bytes],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['a part of a larger array', () => Buffer.concat([Buffer.from('before'), bytes]).subarray(6)],
    ['a DataView', () => new DataView(bytes.buffer)],
    ['shared bytes', () => sharedCopy(bytes)],
    ['a module', () => new WebAssembly.Module(bytes)],
    ['a response', () => new Response(bytes, { headers: { 'content-type': 'application/wasm' } })],
    ['a response of another type', () => new Response(bytes, { headers: { 'content-type': 'text/html' } })],
    ['a promise', () => Promise.resolve(new Response(bytes))],
  ])('takes %s', async (_, source) => {
    await slim.init(source());
    expect(bitsOf(slim.encode(book, rows))).toEqual(bitsOf(root.encode(book, rows)));
    expect(bitsOf((await slim.train(rows, { stages: 2, codewords: 4 })).codebook)).toEqual(
      bitsOf((await root.train(rows, { stages: 2, codewords: 4 })).codebook),
    );
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ['nothing', () => undefined, 'INVALID_ARGUMENT', /^init source: expected the bytes of residual-vq\/rvq_core.wasm, .* got undefined$/],
    ['a URL', () => 'core.wasm', 'INVALID_ARGUMENT', /or a Response with them, got "core.wasm"$/],
    ['an object', () => ({}), 'INVALID_ARGUMENT', /got an object$/],
    ['no bytes', () => new Uint8Array(), 'BAD_FILE', /^init source: expected the bytes of residual-vq\/rvq_core.wasm, got none: /],
    ['a page', () => new Response('<!doctype html>'), 'BAD_FILE', /got 15 that begin with 3c 21 64 6f: /],
    ['bytes that end early', () => bytes.subarray(0, 5000), 'BAD_FILE', /got 5,000 that begin with 00 61 73 6d: /],
    ['bytes with one changed', () => bytes.map((byte, i) => (i === 9 ? byte ^ 0xff : byte)), 'BAD_FILE', /that begin with 00 61 73 6d: /],
    [
      'other bytes',
      () => OTHER,
      'BAD_FILE',
      /^init source: expected the core of this version of residual-vq, got a module without the export \w+ \w+$/,
    ],
    ['another module', () => new WebAssembly.Module(OTHER), 'BAD_FILE', /got a module without the export/],
    ['a failed response', () => new Response('', { status: 404 }), 'FILE_ACCESS', /^init source: expected a successful response, got status 404$/],
    ['a broken response', () => brokenResponse(), 'FILE_ACCESS', /^init source: did not come: cut off$/],
    ['a failed fetch', () => Promise.reject(new TypeError('fetch failed')), 'FILE_ACCESS', /^init source: did not come: fetch failed$/],
  ])('refuses %s, and can be called again', async (_, source, code, message) => {
    await expect(slim.init(source() as slimEntry.CoreSource)).rejects.toMatchObject({
      name: 'RvqError',
      code,
      message: expect.stringMatching(message),
    });
    expect(() => slim.encode(book, rows)).toThrow(expect.objectContaining({ code: 'NOT_INITIALIZED' }));
    await slim.init(bytes);
    expect(slim.encode(book, rows).rows).toBe(70);
  });

  it('changes nothing the second time, also where both begin at once', async () => {
    await Promise.all([slim.init(bytes), slim.init(new WebAssembly.Module(bytes))]);
    const before = bitsOf(slim.encode(book, rows));
    await slim.init(OTHER);
    expect(bitsOf(slim.encode(book, rows))).toEqual(before);
  });

  it('leaves the bytes as they were', async () => {
    const given = bytes.slice();
    await slim.init(given);
    expect(given).toEqual(bytes);
  });
});

it('has all that the root has', () => {
  expect(Object.keys(slim)).toEqual(expect.arrayContaining(Object.keys(root)));
  expect(
    Object.keys(slim)
      .filter((name) => !(name in root))
      .sort(),
  ).toEqual(['createPool', 'init']);
});

function sharedCopy(values: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(values.length));
  shared.set(values);
  return shared;
}

function brokenResponse(): Response {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut off')) });
  return new Response(body);
}
