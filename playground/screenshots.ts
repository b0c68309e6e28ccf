// The pictures of the README: the built playground in Chromium. `npm run playground:build && npx tsx playground/screenshots.ts`
import { fileURLToPath } from 'node:url';
import { startPlayground, trained } from './test/browser.ts';

const folder = fileURLToPath(new URL('../docs/img/', import.meta.url));
const playground = await startPlayground();

const { page } = await playground.open({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
await trained(page);
await page.locator('#stage').fill('3');
await page.locator('#divider').fill('38');
await page.evaluate(() => {
  scrollTo(0, 0);
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
});
await page.screenshot({ path: `${folder}playground.jpg`, quality: 88 });

const { page: phone } = await playground.open({ viewport: { width: 420, height: 860 }, colorScheme: 'dark', deviceScaleFactor: 1 });
await trained(phone);
await phone.locator('#stage').fill('5');

await phone.evaluate(() => {
  document.querySelector('#picture-title')?.scrollIntoView();
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
});
await phone.screenshot({ path: `${folder}playground-phone.jpg`, quality: 88 });
await playground.close();
