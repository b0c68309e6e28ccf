// The photograph: cut into patches, which the command trains on, encodes and decodes, and put together again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluateFile, rvq } from './command.ts';
import type { PhotographFigures, Version } from './figures.ts';
import { type Library, ROOT } from './library.ts';
import { cutPatches, joinPatches, PATCH, type Picture, psnr, stack } from './patches.ts';
import { readJpeg } from './picture.ts';
import { SHAPE } from './sift.ts';

/** The photograph that is shown, and the other one of the project, which trains too. */
const SHOWN = 'flower.jpg';
const OTHER = 'china.jpg';
/**
 * Training patches overlap: one picture's 4,320 patches are too few for 256 codewords a stage (39 rows each are wanted), and 2,048
 * codewords learn them by heart. One every 4 pixels of both photographs makes 34,240.
 */
const TRAIN_STEP = PATCH / 2;
const STAGES_SHOWN = [1, 2, 4, 8] as const;

export interface Photograph {
  readonly figures: PhotographFigures;
  readonly original: Picture;
  /** The file itself, as it came. */
  readonly jpeg: Uint8Array;
  /** One for each of `figures.versions`. */
  readonly rebuilt: readonly Picture[];
}

interface Place {
  /** The folder for what is made, relative to the package. */
  readonly out: string;
  readonly signal: AbortSignal;
}

export async function runPhotograph(library: Library, place: Place): Promise<Photograph> {
  const { files } = library;
  const { out, signal } = place;
  const jpeg = await readFile(join(ROOT, 'data', SHOWN));
  const original = readJpeg(jpeg);
  const other = readJpeg(await readFile(join(ROOT, 'data', OTHER)));
  const patches = cutPatches(original);
  await files.writeVectors(`${out}/photo-patches.bvecs`, patches, { signal });
  const unseenRows = cutPatches(other, { step: TRAIN_STEP });
  const trainRows = stack([unseenRows, cutPatches(original, { step: TRAIN_STEP })]);
  await files.writeVectors(`${out}/photo-train.bvecs`, trainRows, { signal });
  await files.writeVectors(`${out}/photo-unseen-train.bvecs`, unseenRows, { signal });

  const { trainSeconds, codebookBytes } = await trainAndEncode(library, 'photo', place);
  const evaluation = await evaluateFile(`${out}/photo-codebook.safetensors`, `${out}/photo-patches.bvecs`, { signal });
  const rebuilt: Picture[] = [];
  for (const stages of STAGES_SHOWN) rebuilt.push(await rebuild(library, 'photo', { ...place, stages, size: original }));

  // what the codebook knows of the picture beforehand: the same with one that never saw it
  await trainAndEncode(library, 'photo-unseen', place);
  const stages = evaluation.stages;
  const unseen = await rebuild(library, 'photo-unseen', { ...place, stages, size: original });

  const { width, height } = original;
  const bitsPerStage = evaluation.bitsPerRow / stages;
  const versions: Version[] = STAGES_SHOWN.map((shown, i) => ({
    stages: shown,
    psnr: psnr(original, rebuilt[i]),
    bitsPerPixel: (patches.rows * bitsPerStage * shown) / (width * height),
  }));
  const figures: PhotographFigures = {
    file: SHOWN,
    width,
    height,
    patches: patches.rows,
    trainRows: trainRows.rows,
    trainSeconds,
    evaluation,
    versions,
    unseen: { trainedOn: OTHER, stages, psnr: psnr(original, unseen) },
    codebookBytes,
  };
  return { figures, original, jpeg, rebuilt };
}

/** Trains on `${name}-train.bvecs` and encodes the photograph's patches with that. */
async function trainAndEncode({ files }: Library, name: string, { out, signal }: Place): Promise<{ trainSeconds: number; codebookBytes: number }> {
  const book = `${out}/${name}-codebook.safetensors`;
  const { seconds } = await rvq(['train', `${out}/${name}-train.bvecs`, '-o', book, ...SHAPE], { signal });
  await rvq(['encode', book, `${out}/photo-patches.bvecs`, '-o', `${out}/${name}-codes.safetensors`], { signal });
  return { trainSeconds: seconds, codebookBytes: (await files.readCodebook(book)).data.byteLength };
}

/** The picture of the codes' first `stages` stages. */
async function rebuild({ files }: Library, name: string, { out, signal, stages, size }: Place & { stages: number; size: Picture }): Promise<Picture> {
  const path = `${out}/${name}-${stages}.fvecs`;
  const [book, codes] = [`${out}/${name}-codebook.safetensors`, `${out}/${name}-codes.safetensors`];
  await rvq(['decode', book, codes, '-o', path, '--stages', String(stages)], { signal });
  return joinPatches(await files.readVectors(path), size);
}
