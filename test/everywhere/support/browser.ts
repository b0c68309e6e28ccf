// Browsers as Debian has them, without a window: Chromium driven by Playwright, Firefox by Puppeteer.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { scratch } from './scratch.ts';

/** A page with one script. */
export function pageOf(script: string): string {
  return `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>`;
}

/** What both drivers have in common. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<R>(script: () => R | Promise<R>): Promise<R>;
  close(): Promise<void>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** @param flags of V8, such as `--jitless` */
export const openChromium: (flags?: readonly string[]) => Promise<Browser> = launchChromium;

interface Puppeteer {
  launch(options: { browser: 'firefox'; executablePath: string; headless: boolean; extraPrefsFirefox: object }): Promise<Browser>;
}

/** @param preferences of about:config */
export async function openFirefox(preferences: Readonly<Record<string, boolean>> = {}): Promise<Browser> {
  const path = createRequire(`${scratch}/package.json`).resolve('puppeteer-core');
  const { default: puppeteer } = (await import(pathToFileURL(path).href)) as { default: Puppeteer };
  const executablePath = process.env.RVQ_FIREFOX ?? '/usr/bin/firefox-esr';
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: preferences });
}

declare global {
  /** Where a page puts what it has done. */
  var result: Promise<unknown> | undefined;
}

/** The text of the page at `url`, when there is some. */
export async function textOf(browser: Browser, url: string): Promise<string> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  return page.evaluate(async () => {
    const text = (): string => document.body.textContent?.trim() ?? '';
    for (const end = performance.now() + 30_000; text() === '' && performance.now() < end; ) await new Promise((r) => setTimeout(r, 20));
    return text();
  });
}

/** What the page at `url` puts into `result`, waiting for it. */
export async function resultOf(browser: Browser, url: string): Promise<unknown> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  return page.evaluate(async () => {
    for (const end = performance.now() + 60_000; globalThis.result === undefined && performance.now() < end; )
      await new Promise((r) => setTimeout(r, 20));
    return globalThis.result === undefined ? 'the page has no result' : globalThis.result;
  });
}
