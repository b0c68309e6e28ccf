// Pictures in files: JPEG is read, PNG written.
import { decode as decodeJpeg } from 'jpeg-js';
import { PNG } from 'pngjs';
import type { Picture } from './patches.ts';

export function readJpeg(bytes: Uint8Array): Picture {
  const { data, width, height } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false });
  return { data, width, height };
}

export function writePng({ data, width, height }: Picture): Buffer {
  const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false });
  png.data = Buffer.from(data);
  return PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false });
}
