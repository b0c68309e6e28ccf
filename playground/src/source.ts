// What there is to train on: one of the two photographs, or a file of the visitor's, a picture or vectors.
import type { Matrix } from 'residual-vq';
import { readVectors } from 'residual-vq/formats';
import china from '../../data/china.jpg?url';
import flower from '../../data/flower.jpg?url';
import { CHANNELS, type Picture } from '../../demo/patches.ts';

export type Source =
  | { readonly kind: 'picture'; readonly name: string; readonly picture: Picture; readonly note: string | undefined }
  | { readonly kind: 'vectors'; readonly name: string; readonly vectors: Matrix };

export const PHOTOGRAPHS = { china, flower };
export type Photograph = keyof typeof PHOTOGRAPHS;

/** Larger pictures are made smaller: 1.5 million pixels are 24,000 patches, which train in seconds. */
const MOST_PIXELS = 1_500_000;

/** Files of more bytes are not read: a page has no business with them. */
const MOST_BYTES = 300_000_000;

const VECTORS = /\.(npy|fvecs|bvecs|safetensors)$/i;

export async function photograph(name: Photograph): Promise<Source> {
  const response = await fetch(PHOTOGRAPHS[name]);
  if (!response.ok) throw new Error(`${name}: expected the photograph, got status ${response.status}`);
  return readPicture(name, await response.blob());
}

export async function fromFile(file: File): Promise<Source> {
  if (file.size > MOST_BYTES) throw new Error(`${file.name}: expected at most ${MOST_BYTES / 1e6} MB, got ${Math.ceil(file.size / 1e6)} MB`);
  if (!VECTORS.test(file.name)) return readPicture(file.name, file);
  return { kind: 'vectors', name: file.name, vectors: readVectors(new Uint8Array(await file.arrayBuffer()), { name: file.name }) };
}

async function readPicture(name: string, blob: Blob): Promise<Source> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Error(`${name}: expected a picture that this browser reads, or vectors as .npy, .fvecs, .bvecs or .safetensors`);
  }
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.floor(bitmap.width * scale));
  const height = Math.max(1, Math.floor(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`${name}: this browser gives no canvas to read the picture with`);
  context.fillStyle = '#fff'; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * CHANNELS);
  for (let i = 0, at = 0; i < data.length; i += 4) {
    rgb[at++] = data[i];
    rgb[at++] = data[i + 1];
    rgb[at++] = data[i + 2];
  }
  const note = scale < 1 ? `The picture was made smaller, to ${width} x ${height} pixels.` : undefined;
  return { kind: 'picture', name, picture: { data: rgb, width, height }, note };
}
