// test/parity.test.ts in browsers, by vitest's browser mode, on the installed package: its sources stand only behind what a test takes from
// the inside.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, writeFiles } from '../support/consumer.ts';
import { projectPath } from '../support/data.ts';
import { folderWith, tool } from './support/scratch.ts';

/** The descriptors by HTTP instead of from a file. */
const DATA = `
import { parseSift } from './sift.ts';
const response = await fetch('/data/sift-base.bvecs');
if (!response.ok) throw new Error('the descriptors are not served: status ' + response.status);
const bytes = new Uint8Array(await response.arrayBuffer());
export const siftBase = (rows) => parseSift(bytes, rows);
`;

/** Firefox as Debian has it, which Playwright cannot drive: a provider that opens the page by Puppeteer. */
const FIREFOX = `
import { defineBrowserProvider } from '@vitest/browser';
import puppeteer from 'puppeteer-core';
let browser;
export const firefox = (executablePath) => defineBrowserProvider({
  name: 'puppeteer',
  options: {},
  providerFactory: () => ({
    name: 'puppeteer',
    supportsParallelism: false,
    getCommandsContext: () => ({}),
    async openPage(_, url) {
      browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
      await (await browser.newPage()).goto(url);
    },
    close: () => browser?.close(),
  }),
});
`;

const CONFIG = `
import { readFileSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { firefox } from './firefox.mjs';

const wasmBytes = {
  name: 'wasm-bytes',
  enforce: 'pre',
  load: (id) => id.endsWith('.wasm')
    ? \`export default () => Uint8Array.from(atob('\${readFileSync(id).toString('base64')}'), (c) => c.charCodeAt(0));\` : null,
};
const executables = { chromium: process.env.RVQ_CHROMIUM ?? '/usr/bin/chromium', firefox: process.env.RVQ_FIREFOX ?? '/usr/bin/firefox-esr' };
const providers = {
  chromium: () => playwright({ launchOptions: { executablePath: executables.chromium, args: ['--no-sandbox', '--disable-gpu'] } }),
  firefox: () => firefox(executables.firefox),
};
const name = process.env.PARITY_BROWSER;

export default {
  plugins: [wasmBytes],
  optimizeDeps: { exclude: ['residual-vq'] },
  server: { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } },
  test: {
    include: ['test/parity.test.ts'],
    testTimeout: 120_000,
    browser: { enabled: true, headless: true, screenshotFailures: false, provider: providers[name](), instances: [{ browser: name }], api: { host: '127.0.0.1' } },
  },
};
`;

describe.each(['chromium', 'firefox'])('the tests of parity in %s', (browser) => {
  it('pass', async () => {
    const folder = folderWith('parity', { 'vitest.config.mjs': CONFIG, 'firefox.mjs': FIREFOX });
    for (const name of ['ts', 'crate/pkg', 'test/support', 'test/parity.test.ts', 'data/sift-base.bvecs']) {
      cpSync(projectPath(name), join(folder, name), { recursive: true });
    }
    writeFiles(folder, {
      'ts/index.ts': `export * from 'residual-vq';`,
      'ts/reference/index.ts': `export * from 'residual-vq/reference';`,
      'test/support/data.ts': DATA,
    });
    const args = [tool('vitest/vitest.mjs'), 'run', '--reporter=json', '--outputFile=report.json'];
    await run('env', [`PARITY_BROWSER=${browser}`, process.execPath, ...args], folder);
    const { numPassedTests, numTotalTests, success } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    expect({ success, passed: numPassedTests }).toEqual({ success: true, passed: numTotalTests });
    expect(numTotalTests).toBeGreaterThan(800);
  });
});
