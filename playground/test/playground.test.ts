import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Download, Page } from 'playwright-core';
import { encode, evaluate, matrix, randomCodebook, train } from 'residual-vq';
import { readCodebook, readCodes, writeVectors } from 'residual-vq/formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, cutPatches, type Picture } from '../../demo/patches.ts';
import { writePng } from '../../demo/picture.ts';
import { type Playground, startPlayground, trained, trainWith } from './browser.ts';

let playground: Playground;

beforeAll(async () => {
  playground = await startPlayground();
});
afterAll(() => playground?.close());

const SMALL = { Stages: '3', 'Codewords a stage': '16' };
const DESKTOP = { viewport: { width: 1280, height: 900 } };

/** Waves and a little noise: smooth enough to be coded, and every patch another. */
function pattern(width: number, height: number): Picture {
  const noise = randomCodebook({ dim: CHANNELS, stages: 1, codewords: width * height, seed: 3 }).data;
  const data = Uint8Array.from(noise, (value, i) => {
    const [x, y] = [Math.floor(i / CHANNELS) % width, Math.floor(i / CHANNELS / width)];
    return Math.max(0, Math.min(255, 128 + 70 * Math.sin(x / (9 + (i % CHANNELS))) + 40 * Math.cos(y / 7) + 6 * value));
  });
  return { data, width, height };
}

/** The page, with the training that it begins with cancelled. */
async function openIdle(prepare?: (page: Page) => Promise<unknown>) {
  const opened = await playground.open(DESKTOP, prepare);
  await opened.page.getByRole('button', { name: 'Cancel' }).click();
  await opened.page.locator('#status', { hasText: 'Cancelled.' }).waitFor();
  return opened;
}

const file = (name: string, bytes: Uint8Array) => ({ name, mimeType: '', buffer: Buffer.from(bytes) });

async function saved(page: Page, button: string): Promise<Uint8Array> {
  const [download]: [Download, unknown] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFile(await download.path());
}

describe('the playground', () => {
  it('trains on a photograph when it is opened, and shows it from all stages', async () => {
    const { page, troubles } = await playground.open(DESKTOP);
    await trained(page);
    await expect(page.getByRole('heading', { name: 'Rebuilt from 8 stages' }).count()).resolves.toBe(1);
    expect(await page.locator('#caption').textContent()).toMatch(/^1\.01 bits per pixel instead of 24, PSNR 3\d\.\d dB/);
    expect(await page.locator('#table tbody tr').count()).toBe(8);
    expect(await page.locator('.codebooks figure').count()).toBe(8);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('gives the codebook and the codes that Node gives', async () => {
    const { page, troubles } = await openIdle();
    const picture = pattern(150, 101);
    await page.getByLabel('Patch').selectOption('6');
    await page.getByLabel('Stages', { exact: true }).selectOption('3');
    await page.getByLabel('Codewords a stage').selectOption('32');
    await page.getByLabel('Beam').selectOption('4');
    await page.locator('#file').setInputFiles(file('pattern.png', writePng(picture)));
    await page.locator('#status', { hasText: 'Trained 3 stages of 32 codewords' }).waitFor();

    const rows = cutPatches(picture, { size: 6 });
    const { codebook } = await train(cutPatches(picture, { size: 6, step: 3 }), { stages: 3, codewords: 32, beam: 4 });
    const book = readCodebook(await saved(page, 'Codebook (.safetensors)'));
    expect(book.id).toBe(codebook.id);
    const codes = readCodes(await saved(page, 'Codes (.safetensors)'), book);
    expect(codes.data).toEqual(encode(codebook, rows, { beam: 4 }).data);
    const { relativeError } = evaluate(codebook, rows, { beam: 4 });
    expect(await page.locator('#table tbody tr').last().textContent()).toContain(`${(100 * relativeError).toPrecision(3)} %`);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('shows as many stages as the slider says, by mouse, keys, the plot and by itself', async () => {
    const { page } = await openIdle();
    await trainWith(page, { 'Codewords a stage': '16', Stages: '8' });
    const heading = page.locator('#picture-title');
    const slider = page.locator('#stage');
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await heading.textContent()).toBe('Rebuilt from 1 stage');
    expect(await page.locator('#table tr.shown th').textContent()).toBe('1');
    expect(await page.locator('.codebooks figure.shown').count()).toBe(1);
    const one = await page.locator('#caption').textContent();
    await page.keyboard.press('ArrowRight');
    expect(await heading.textContent()).toBe('Rebuilt from 2 stages');
    expect(await page.locator('#caption').textContent()).not.toBe(one);
    const plot = page.locator('.u-over');
    const { width, height } = (await plot.boundingBox()) ?? { width: 0, height: 0 };
    await plot.click({ position: { x: 0.6 * width, y: height / 2 } });
    expect(await heading.textContent()).toMatch(/Rebuilt from [56] stages/);
    await page.getByRole('button', { name: 'Play' }).click();
    expect(await heading.textContent()).toBe('Rebuilt from 1 stage');
    await page.locator('#picture-title', { hasText: '3 stages' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    const stopped = await heading.textContent();
    await page.waitForTimeout(900);
    expect(await heading.textContent()).toBe(stopped);
    await page.context().close();
  });

  it('shows the original left of the divider', async () => {
    const { page } = await openIdle();
    const picture = pattern(96, 64);
    for (const [label, value] of Object.entries(SMALL)) await page.getByLabel(label, { exact: true }).selectOption(value);
    await page.locator('#file').setInputFiles(file('pattern.png', writePng(picture)));
    await page.locator('#own-name', { hasText: 'pattern.png' }).waitFor();
    await trained(page);
    const pixels = () =>
      page.locator('#view').evaluate((canvas) => {
        if (!(canvas instanceof HTMLCanvasElement)) throw new Error('no canvas');
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        return Array.from(data).filter((_, i) => i % 4 !== 3);
      });
    expect(await pixels()).not.toEqual(Array.from(picture.data));
    await page.locator('#divider').fill('100');
    expect(await pixels()).toEqual(Array.from(picture.data));
    await page.context().close();
  });

  it('is cancelled in the middle of training, and trains again', async () => {
    const { page, troubles } = await playground.open(DESKTOP);
    await trained(page);
    for (const [label, value] of Object.entries({ Stages: '16', 'Codewords a stage': '512', Beam: '16' })) {
      await page.getByLabel(label, { exact: true }).selectOption(value);
    }
    await page.getByRole('button', { name: 'Train' }).click();
    await page.locator('#status', { hasText: 'Training stage 1 of 16' }).waitFor();
    await page.locator('progress:not([hidden])').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('#status', { hasText: 'Cancelled.' }).waitFor();
    expect(await page.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true);
    // what was trained before is still shown
    expect(await page.locator('#table tbody tr').count()).toBe(8);
    await trainWith(page, { ...SMALL, Beam: '1' });
    expect(await page.locator('#table tbody tr').count()).toBe(3);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('reads vectors, and shows their errors alone', async () => {
    const { page, troubles } = await openIdle();
    const rows = matrix(randomCodebook({ dim: 12, stages: 1, codewords: 700, seed: 5 }).data.map(Math.fround), 12);
    const { codebook } = await train(rows, { stages: 3, codewords: 16 });
    const { relativeError } = evaluate(codebook, rows);
    await page.getByLabel('Stages', { exact: true }).selectOption('3');
    await page.getByLabel('Codewords a stage').selectOption('16');
    for (const name of ['rows.npy', 'rows.fvecs', 'rows.safetensors']) {
      await page.locator('#file').setInputFiles(file(name, writeVectors(rows, { name })));
      await page.locator('#own-name', { hasText: name }).waitFor();
      await trained(page);
      expect(await page.locator('#table tbody tr').last().textContent()).toContain(`${(100 * relativeError).toPrecision(3)} %`);
      expect(await page.locator('#picture-section').isHidden()).toBe(true);
      expect(await page.locator('#patch-setting').isHidden()).toBe(true);
    }
    expect(readCodebook(await saved(page, 'Codebook (.safetensors)')).id).toBe(codebook.id);
    await page.getByRole('radio', { name: 'Temple' }).check({ force: true });
    await trainWith(page, SMALL);
    expect(await page.locator('#picture-section').isVisible()).toBe(true);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('says what is wrong with a file or a setting, and stays usable', async () => {
    const { page } = await openIdle();
    const problem = page.locator('#problem');
    const whole = writeVectors(matrix([[1, 2, 3]]), { name: 'a.npy' });
    for (const [given, message] of [
      [file('cut.npy', whole.subarray(0, whole.length - 1)), /^cut\.npy: byte \d+: /],
      [file('a.fvecs', Uint8Array.of(1, 2, 3)), /^a\.fvecs: byte 0: /],
      [file('a.jpg', Uint8Array.of(1, 2, 3)), /^a\.jpg: expected a picture that this browser reads/],
      [file('a.npy', whole), /^vectors: 1 rows? cannot train/],
    ] as const) {
      await page.locator('#file').setInputFiles(given);
      await expect.poll(() => problem.textContent()).toMatch(message);
      expect(await problem.isVisible()).toBe(true);
      expect(await page.getByRole('button', { name: 'Train' }).isEnabled()).toBe(true);
    }
    await page.getByRole('radio', { name: 'Flower' }).check({ force: true });
    await trainWith(page, SMALL);
    expect(await problem.isHidden()).toBe(true);
    await page.context().close();
  });

  it('compares the core with the reference: the same codes', async () => {
    const { page } = await playground.open(DESKTOP);
    await trained(page);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.locator('#speed', { hasText: 'times as fast' }).waitFor();
    expect(await page.locator('#speed').textContent()).toMatch(/same codes, [\d,]+ rows\s*yes/);
    await page.context().close();
  });

  it('falls back on the reference where there is no WebAssembly, with the same codebook', async () => {
    const withoutWasm = async (page: Page) =>
      page.route(/worker-.*\.js$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `delete globalThis.WebAssembly;${await response.text()}` });
      });
    const open = async (prepare?: (page: Page) => Promise<unknown>) => {
      const { page } = await openIdle(prepare);
      await page.locator('#file').setInputFiles(file('pattern.png', writePng(pattern(64, 64))));
      await page.locator('#own-name', { hasText: 'pattern.png' }).waitFor();
      await trainWith(page, { ...SMALL, Patch: '4' });
      const book = readCodebook(await saved(page, 'Codebook (.safetensors)'));
      const notes = await page.locator('#notes').textContent();
      await page.context().close();
      return { id: book.id, notes };
    };
    const [wasm, reference] = [await open(), await open(withoutWasm)];
    expect(reference.id).toBe(wasm.id);
    expect(wasm.notes).not.toContain('reference');
    expect(reference.notes).toContain('the TypeScript reference does the work');
  });

  it('says so where its worker cannot be loaded, and gets another one', async () => {
    let missing = true;
    const { page } = await playground.open(DESKTOP, (page) =>
      page.route(/worker-.*\.js$/, (route) => (missing ? route.fulfill({ status: 404, body: '' }) : route.continue())),
    );
    await page.locator('#problem', { hasText: 'the worker stopped' }).waitFor();
    missing = false;
    await trainWith(page, SMALL);
    expect(await page.locator('#problem').isHidden()).toBe(true);
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`passes the checks of accessibility, ${colorScheme}, and fits a phone`, async () => {
      const { page } = await playground.open({ viewport: { width: 390, height: 844 }, colorScheme });
      await trained(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      await page.context().close();
    });
  }

  it('is used by keys alone', async () => {
    const { page } = await playground.open(DESKTOP);
    await trained(page);
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('value') || '');
    const order: string[] = [];
    for (let i = 0; i < 16; i++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order.filter((id) => id !== '')).toEqual(
      expect.arrayContaining(['flower', 'file', 'patch', 'stages', 'codewords', 'beam', 'train', 'stage', 'play', 'divider', 'compare']),
    );
    await page.locator('input[value=flower]').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('input[value=china]').isChecked()).toBe(true);
    await page.locator('#train').focus();
    await page.keyboard.press('Enter');
    await page.locator('#status', { hasText: 'Training' }).waitFor();
    await trained(page);
    await page.context().close();
  });
});
