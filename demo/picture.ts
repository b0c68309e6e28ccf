// Pictures and patches: a photograph as rows that can be quantized, and rows as a picture again. Pure, but for the two codecs.
import { decode as decodeJpeg } from 'jpeg-js';
import { PNG } from 'pngjs';
import type { Matrix } from 'residual-vq';

/** 8-bit RGB, row-major: channel c of pixel (x, y) is `data[(y * width + x) * 3 + c]`. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The side of a patch in pixels. */
export const PATCH = 8;
export const CHANNELS = 3;
/** Floats of one patch. */
export const PATCH_DIM = PATCH * PATCH * CHANNELS;

export function readJpeg(bytes: Uint8Array): Picture {
  const { data, width, height } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false });
  return { data, width, height };
}

export function writePng({ data, width, height }: Picture): Buffer {
  const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false });
  png.data = Buffer.from(data);
  return PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false });
}

/**
 * Cuts a picture into patches, left to right and then down, one every `step` pixels (PATCH covers the picture once, less overlaps).
 * Where a patch passes the right or lower edge, the last column or row is repeated, so that every pixel is in one.
 * A row holds its patch's pixels row-major, r, g, b: element `(y * PATCH + x) * 3 + c`, from 0 to 255.
 */
export function cutPatches({ data, width, height }: Picture, { step = PATCH } = {}): Matrix {
  const across = Math.ceil(width / step);
  const rows = across * Math.ceil(height / step);
  const patches = new Float32Array(rows * PATCH_DIM);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const left = (row % across) * step;
    const top = Math.floor(row / across) * step;
    for (let y = top; y < top + PATCH; y++) {
      for (let x = left; x < left + PATCH; x++) {
        const pixel = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) patches[at++] = data[pixel + c];
      }
    }
  }
  return { data: patches, rows, dim: PATCH_DIM };
}

/** Puts patches that were cut with a step of PATCH together to a picture of this size; values are rounded and kept in 0 to 255. */
export function joinPatches(patches: Matrix, { width, height }: { width: number; height: number }): Picture {
  const across = Math.ceil(width / PATCH);
  const expected = across * Math.ceil(height / PATCH);
  if (patches.rows !== expected || patches.dim !== PATCH_DIM) {
    throw new Error(`patches: expected ${expected} rows of dim ${PATCH_DIM}, got ${patches.rows} of ${patches.dim}`);
  }
  const data = new Uint8ClampedArray(width * height * CHANNELS);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(y / PATCH) * across + Math.floor(x / PATCH);
      const pixel = row * PATCH_DIM + ((y % PATCH) * PATCH + (x % PATCH)) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) data[at++] = patches.data[pixel + c];
    }
  }
  return { data: new Uint8Array(data.buffer), width, height };
}

/** Peak signal-to-noise ratio in dB: 10 log10(255² / mean squared difference) over all pixels and channels. Infinite where they are equal. */
export function psnr(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height) throw new Error(`pictures: expected one size, got ${sizeText(a)} and ${sizeText(b)}`);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return 10 * Math.log10((255 * 255 * a.data.length) / sum);
}

/** A rectangle of a picture; all of it must be inside. */
export function crop({ data, width, height }: Picture, area: { left: number; top: number; width: number; height: number }): Picture {
  if (area.left < 0 || area.top < 0 || area.left + area.width > width || area.top + area.height > height) {
    throw new Error(`area: expected one inside ${width} x ${height}, got ${sizeText(area)} at ${area.left}, ${area.top}`);
  }
  const cut = new Uint8Array(area.width * area.height * CHANNELS);
  for (let y = 0; y < area.height; y++) {
    const start = ((area.top + y) * width + area.left) * CHANNELS;
    cut.set(data.subarray(start, start + area.width * CHANNELS), y * area.width * CHANNELS);
  }
  return { data: cut, width: area.width, height: area.height };
}

/** Rows of several matrices of one dim, one after the other. */
export function stack(parts: readonly Matrix[]): Matrix {
  const dim = parts[0].dim;
  const data = new Float32Array(parts.reduce((length, part) => length + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    if (part.dim !== dim) throw new Error(`parts: expected rows of dim ${dim}, got dim ${part.dim}`);
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, rows: data.length / dim, dim };
}

function sizeText({ width, height }: { width: number; height: number }): string {
  return `${width} x ${height}`;
}
