// The picture: rebuilt from some stages, and on the left of the divider the original.
import { CHANNELS, type Picture } from '../../demo/patches.ts';

/** @param divider part of the width that shows the original, 0 to 1 */
export function drawView(canvas: HTMLCanvasElement, original: Picture, rebuilt: Picture, divider: number): void {
  const { width, height } = original;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const edge = Math.round(divider * width);
  context.putImageData(toImage(rebuilt), 0, 0);
  if (edge === 0) return;
  context.putImageData(toImage(original), 0, 0, 0, 0, edge, height);
  if (edge === width) return;
  const line = Math.max(1, Math.round(width / 400));
  context.fillStyle = '#fff';
  context.fillRect(edge - line, 0, 2 * line, height);
}

export function toImage({ data, width, height }: Picture): ImageData {
  const image = new ImageData(width, height);
  const pixels = image.data;
  for (let i = 0, at = 0; i < pixels.length; i += 4) {
    pixels[i] = data[at++];
    pixels[i + 1] = data[at++];
    pixels[i + 2] = data[at++];
    pixels[i + 3] = 255;
  }
  if (data.length !== width * height * CHANNELS) throw new Error('a picture has three values a pixel');
  return image;
}
