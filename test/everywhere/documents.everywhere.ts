// What the documents show of programs for browsers is built by Vite and does in Chromium what it should.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { encode, matrix, randomCodebook } from '../../ts/reference/index.ts';
import { node } from '../support/consumer.ts';
import { BROWSER_PROGRAMS, browserPrograms, readDocument } from '../support/documents.ts';
import { type Browser, openChromium, pageOf, textOf } from './support/browser.ts';
import { folderWith, tool } from './support/scratch.ts';
import { serveFolder } from './support/server.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openChromium();
});

afterAll(() => browser?.close());

const codes = encode(randomCodebook({ dim: 8, stages: 4, codewords: 100, seed: 1 }), matrix([[1, 2, 3, 4, 5, 6, 7, 8]]));

it.each(BROWSER_PROGRAMS)('$document, $program', async ({ document, program, text = codes.data.join(' ') }) => {
  const folder = folderWith('shown', { ...browserPrograms(readDocument(document)), 'index.html': pageOf(`./${program}`) });
  await node([tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn'], folder);
  const { url, close } = await serveFolder(join(folder, 'dist'));
  onTestFinished(close);
  expect(await textOf(browser, url)).toBe(text);
});
