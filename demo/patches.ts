// Pictures and patches: a photograph as rows that can be quantized, and rows as a picture again. Pure; the playground uses it, too.
import type { Matrix } from 'residual-vq';

/** 8-bit RGB, row-major: channel c of pixel (x, y) is `data[(y * width + x) * 3 + c]`. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The side of a patch in pixels, unless another is asked for. */
export const PATCH = 8;
export const CHANNELS = 3;

/** Patches of a picture: left to right, then down, one every `step` pixels. */
export interface PatchOptions {
  /** The side of a patch in pixels. */
  readonly size?: number;
  /** Default `size`, which covers the picture once; less overlaps. */
  readonly step?: number;
}

/** How many patches a picture is cut into. */
export function patchCount({ width, height }: { width: number; height: number }, { size = PATCH, step = size }: PatchOptions = {}): number {
  return Math.ceil(width / step) * Math.ceil(height / step);
}

/**
 * Cuts a picture into patches. Where a patch passes the right or lower edge, the last column or row is repeated, so that every pixel is in one.
 * A row holds its patch's pixels row-major, r, g, b: element `(y * size + x) * 3 + c`, from 0 to 255.
 */
export function cutPatches(picture: Picture, { size = PATCH, step = size }: PatchOptions = {}): Matrix {
  const { data, width, height } = picture;
  const across = Math.ceil(width / step);
  const rows = patchCount(picture, { size, step });
  const dim = size * size * CHANNELS;
  const patches = new Float32Array(rows * dim);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const left = (row % across) * step;
    const top = Math.floor(row / across) * step;
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) {
        const pixel = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) patches[at++] = data[pixel + c];
      }
    }
  }
  return { data: patches, rows, dim };
}

/** Puts patches that cover a picture of this size once together again; values are rounded and kept in 0 to 255. */
export function joinPatches(patches: Matrix, picture: { width: number; height: number }, size = PATCH): Picture {
  const { width, height } = picture;
  const across = Math.ceil(width / size);
  const expected = patchCount(picture, { size });
  const dim = size * size * CHANNELS;
  if (patches.rows !== expected || patches.dim !== dim) {
    throw new Error(`patches: expected ${expected} rows of dim ${dim}, got ${patches.rows} of ${patches.dim}`);
  }
  const data = new Uint8ClampedArray(width * height * CHANNELS);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(y / size) * across + Math.floor(x / size);
      const pixel = row * dim + ((y % size) * size + (x % size)) * CHANNELS;
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
