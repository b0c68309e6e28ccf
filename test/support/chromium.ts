// Chromium as Debian has it, without a window; RVQ_CHROMIUM names another. scripts/setup-browsers.sh installs it.
import { type Browser, chromium } from 'playwright-core';

/** No sandbox: root has none. Nothing of its own accord on the network. */
const ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** @param flags of V8, such as `--jitless` */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const args = flags.length === 0 ? ARGS : [...ARGS, `--js-flags=${flags.join(' ')}`];
  return chromium.launch({ executablePath: process.env.RVQ_CHROMIUM ?? '/usr/bin/chromium', args });
}
