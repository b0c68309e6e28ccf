// The built page in Chromium, served on loopback.
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { preview } from 'vite';
import { launchChromium } from '../../test/support/chromium.ts';

export interface Playground {
  readonly url: string;
  /** Opens the page; `prepare` comes before it is loaded. Whatever goes wrong in it, or is asked of another host, is kept in `troubles`. */
  open(options?: BrowserContextOptions, prepare?: (page: Page) => Promise<unknown>): Promise<{ page: Page; troubles: string[] }>;
  close(): Promise<void>;
}

export async function startPlayground(): Promise<Playground> {
  const server = await preview({
    configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
    logLevel: 'error',
    preview: { port: 0 },
  });
  const url = server.resolvedUrls?.local[0] ?? '';
  const browser = await launchChromium();
  return {
    url,
    async open(options = {}, prepare = async () => {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const troubles: string[] = [];
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') troubles.push(message.text());
      });
      page.on('request', (request) => {
        if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) troubles.push(`request to ${request.url()}`);
      });
      await prepare(page);
      await page.goto(url);
      return { page, troubles };
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => server.httpServer.close(resolve));
    },
  };
}

/** Waits until a training has ended well. */
export async function trained(page: Page): Promise<void> {
  await page.locator('#status', { hasText: 'Trained' }).waitFor();
  await page.locator('#train:enabled').waitFor();
}

/** Chooses settings by their labels, then trains. */
export async function trainWith(page: Page, settings: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(settings)) await page.getByLabel(label, { exact: true }).selectOption(value);
  await page.getByRole('button', { name: 'Train' }).click();
  await trained(page);
}
