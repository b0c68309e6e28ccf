import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { CHANNELS, crop, cutPatches, joinPatches, PATCH, type Picture, patchCount, psnr, stack } from '../demo/patches.ts';
import { writePng } from '../demo/picture.ts';

/** Floats of one patch. */
const PATCH_DIM = PATCH * PATCH * CHANNELS;

/** Pixels that all differ from their neighbours: channel values follow from the place. */
function pattern(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: width * height * CHANNELS }, (_, i) => (i * 37 + (i >> 3)) % 256);
  return { data, width, height };
}

function pixel({ data, width }: Picture, x: number, y: number): number[] {
  return Array.from(data.subarray((y * width + x) * CHANNELS, (y * width + x + 1) * CHANNELS));
}

const side = fc.oneof(fc.constantFrom(1, PATCH - 1, PATCH, PATCH + 1), fc.integer({ min: 1, max: 4 * PATCH }));

describe('patches', () => {
  it('join to the picture that they were cut from, whatever its size', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const picture = pattern(width, height);
        const patches = cutPatches(picture);
        expect(patches.rows).toBe(Math.ceil(width / PATCH) * Math.ceil(height / PATCH));
        expect(joinPatches(patches, picture)).toEqual(picture);
      }),
      { numRuns: 50 },
    );
  });

  it('of another size join again, too', () => {
    const picture = pattern(41, 30);
    for (const size of [1, 4, 12, 50]) {
      const patches = cutPatches(picture, { size });
      expect(patches.dim).toBe(size * size * CHANNELS);
      expect(patches.rows).toBe(patchCount(picture, { size }));
      expect(joinPatches(patches, picture, size)).toEqual(picture);
    }
  });

  it('repeat the last column and row past the edges', () => {
    const picture = pattern(PATCH + 2, PATCH + 1);
    const { data, rows } = cutPatches(picture);
    expect(rows).toBe(4);
    const element = (patch: number, x: number, y: number) =>
      Array.from(data.subarray(patch * PATCH_DIM + (y * PATCH + x) * CHANNELS).subarray(0, CHANNELS));
    expect(element(1, 1, 3)).toEqual(pixel(picture, PATCH + 1, 3));
    expect(element(1, 7, 3)).toEqual(pixel(picture, PATCH + 1, 3));
    expect(element(2, 4, 0)).toEqual(pixel(picture, 4, PATCH));
    expect(element(2, 4, 7)).toEqual(pixel(picture, 4, PATCH));
    expect(element(3, 7, 7)).toEqual(pixel(picture, PATCH + 1, PATCH));
  });

  it('overlap where the step is smaller: every second one of half a step is one of the whole', () => {
    const picture = pattern(4 * PATCH, 2 * PATCH);
    const whole = cutPatches(picture);
    const half = cutPatches(picture, { step: PATCH / 2 });
    expect(half.rows).toBe(4 * whole.rows);
    const row = (rows: typeof whole, i: number) => rows.data.subarray(i * PATCH_DIM, (i + 1) * PATCH_DIM);
    expect(row(half, 2)).toEqual(row(whole, 1));
    expect(row(half, 2 * 8 + 2)).toEqual(row(whole, 4 + 1));
  });

  it('are rounded and kept within 0 to 255', () => {
    const data = new Float32Array(PATCH_DIM);
    data.set([-3, 300, 127.6]);
    expect(Array.from(joinPatches({ data, rows: 1, dim: PATCH_DIM }, { width: 1, height: 1 }).data)).toEqual([0, 255, 128]);
  });

  it('that are too few for the picture are refused', () => {
    const patches = cutPatches(pattern(PATCH, PATCH));
    expect(() => joinPatches(patches, { width: PATCH + 1, height: PATCH })).toThrow('patches: expected 2 rows of dim 192, got 1 of 192');
  });

  it('stack in order', () => {
    const [a, b] = [cutPatches(pattern(PATCH, PATCH)), cutPatches(pattern(2 * PATCH, PATCH))];
    const both = stack([a, b]);
    expect(both.rows).toBe(3);
    expect(both.data.subarray(0, PATCH_DIM)).toEqual(a.data);
    expect(both.data.subarray(PATCH_DIM)).toEqual(b.data);
    expect(() => stack([a, { data: new Float32Array(3), rows: 1, dim: 3 }])).toThrow('expected rows of dim 192, got dim 3');
  });
});

describe('psnr', () => {
  it('is 10 log10(255² / mean squared difference), over all channels', () => {
    const black: Picture = { data: new Uint8Array(12), width: 2, height: 2 };
    const one = Uint8Array.from(black.data);
    one[5] = 255;
    expect(psnr(black, { ...black, data: one })).toBeCloseTo(10 * Math.log10(12), 12);
    expect(psnr(black, { ...black, data: black.data.map(() => 255) })).toBe(0);
    expect(psnr(black, { ...black, data: black.data.map(() => 1) })).toBeCloseTo(48.1308, 4);
  });

  it('is infinite for a picture against itself, and refuses another size', () => {
    expect(psnr(pattern(3, 2), pattern(3, 2))).toBe(Number.POSITIVE_INFINITY);
    expect(() => psnr(pattern(3, 2), pattern(2, 3))).toThrow('expected one size, got 3 x 2 and 2 x 3');
  });
});

describe('pictures', () => {
  it('crop to the pixels of the area, and refuse one that leaves the picture', () => {
    const picture = pattern(9, 5);
    const cut = crop(picture, { left: 4, top: 2, width: 5, height: 3 });
    expect(pixel(cut, 0, 0)).toEqual(pixel(picture, 4, 2));
    expect(pixel(cut, 4, 2)).toEqual(pixel(picture, 8, 4));
    expect(() => crop(picture, { left: 5, top: 2, width: 5, height: 3 })).toThrow('expected one inside 9 x 5, got 5 x 3 at 5, 2');
  });

  it('come out of PNG as they went in', () => {
    const picture = pattern(5, 3);
    const { data, width, height } = PNG.sync.read(writePng(picture));
    expect([width, height]).toEqual([5, 3]);
    expect(Array.from(data).filter((_, i) => i % 4 !== 3)).toEqual(Array.from(picture.data));
  });
});
