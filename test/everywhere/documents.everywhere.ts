// What the documents show of programs for browsers is built by Vite and does in Chromium what it should.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { encode, matrix, randomCodebook } from '../../ts/reference/index.ts';
import { node } from '../support/consumer.ts';
import { projectPath } from '../support/data.ts';
import { type Browser, openChromium, pageOf, textOf } from './support/browser.ts';
import { folderWith, tool } from './support/scratch.ts';
import { serveFolder } from './support/server.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openChromium();
});

afterAll(() => browser?.close());

/** The programs that a document shows: the blocks whose first line names their file. */
function programsOf(document: string): Record<string, string> {
  const blocks = readFileSync(projectPath(document), 'utf8').matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, name, text]) => [name, text]));
}

const codes = encode(randomCodebook({ dim: 8, stages: 4, codewords: 100, seed: 1 }), matrix([[1, 2, 3, 4, 5, 6, 7, 8]]));

it.each([
  ['docs/workers.md', 'main.js', '500 rows, 4 codes each'],
  ['docs/workers.md', 'slim.js', 'ready: function, function'],
  ['README.md', 'slim.js', codes.data.join(' ')],
])('%s, %s', async (document, program, text) => {
  const folder = folderWith('shown', { ...programsOf(document), 'index.html': pageOf(`./${program}`) });
  await node([tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn'], folder);
  const { url, close } = await serveFolder(join(folder, 'dist'));
  onTestFinished(close);
  expect(await textOf(browser, url)).toBe(text);
});
