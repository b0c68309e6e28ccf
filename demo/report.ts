// The report: one HTML file that needs nothing else, made of the figures and the pictures.
import { readFile } from 'node:fs/promises';
import type { Evaluation } from 'residual-vq';
import { pageHtml } from '../ts/report/page.ts';
import { escapeText } from '../ts/report/svg.ts';
import { tableHtml } from '../ts/report/table.ts';
import { errorChart, speedChart } from './charts.ts';
import { count, type Figures, megabytes, percent, short, type Version } from './figures.ts';
import { crop, PATCH, type Picture } from './patches.ts';
import type { Photograph } from './photograph.ts';
import { writePng } from './picture.ts';
import { siftTable } from './tables.ts';

/** The heart of the flower, on whole patches, so that what is seen of their edges is as it is. */
const DETAIL = { left: 256, top: 176, width: 96, height: 72 };
const FLICKR_LICENCE = 'https://creativecommons.org/licenses/by/2.0/';

export async function reportHtml(figures: Figures, photograph: Photograph): Promise<string> {
  const style = await readFile(new URL('report.css', import.meta.url), 'utf8');
  const body = [opening(figures), pictures(figures, photograph), errors(figures), descriptors(figures), speeds(figures)].join('\n');
  return pageHtml({ title: 'residual-vq: the demo’s report', style, main: body, footer: closing(figures) });
}

function opening({ sift, photograph, seconds }: Figures): string {
  const { evaluation, speed } = sift;
  const { dim, bitsPerRow } = evaluation;
  const { psnr, stages } = last(photograph.versions);
  const facts = [
    [
      `${short((32 * dim) / bitsPerRow)} times`,
      `smaller than float32, ${short((sift.storedBitsPerValue * dim) / bitsPerRow)} times than uint8: ${bitsPerRow} bits a descriptor`,
    ],
    [percent(evaluation.relativeError), 'of the descriptors’ squared norm is lost'],
    [`${psnr.toFixed(1)} dB`, `PSNR of the photograph from ${stages} stages`],
    [`${short(speed.wasm.rowsPerSecond)}`, 'descriptors encoded a second, on one thread'],
  ];
  return `<header>
<p class="name">residual-vq</p>
<h1>A photograph from eight numbers a patch</h1>
<p class="lead">Residual vector quantization replaces a row of numbers by a few codeword numbers. The first names the codeword nearest to the row, each
further one the codeword nearest to what is still left. <code>npm run demo</code> trained, encoded and decoded all that is shown here in ${count(seconds)} seconds.</p>
<dl class="facts">
${facts.map(([value, name]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`).join('\n')}
</dl>
</header>`;
}

function pictures({ photograph }: Figures, { original, jpeg, rebuilt }: Photograph): string {
  const { versions, width, height, patches, trainRows, unseen, codebookBytes } = photograph;
  const whole = (picture: Picture) => dataUri('image/png', writePng(picture));
  const shown = versions.map((version, i) => {
    const { stages, psnr, bitsPerPixel } = version;
    const alt = `The photograph rebuilt from ${stagesText(version)}: ${looks(stages)}`;
    const caption = `<strong>${stagesText(version)}</strong><br>${psnr.toFixed(1)} dB, ${bitsPerPixel.toFixed(2)} bits per pixel`;
    return figure({ source: whole(rebuilt[i]), alt, caption, size: original, large: i === versions.length - 1 });
  });
  const source = figure({
    source: dataUri('image/jpeg', jpeg),
    alt: 'The original photograph: an orange dahlia with many small petals before dark teal leaves',
    caption: '<strong>Original</strong><br>24 bits per pixel before any compression',
    size: original,
    large: true,
  });
  const details = [...rebuilt, original].map((picture, i) => {
    const caption = i < versions.length ? stagesText(versions[i]) : 'Original';
    return figure({
      source: whole(crop(picture, DETAIL)),
      alt: `The heart of the flower, enlarged: ${caption}`,
      caption,
      size: DETAIL,
      large: i >= versions.length - 1,
    });
  });
  const shared = (8 * codebookBytes) / (width * height);
  return `<section aria-labelledby="pictures">
<h2 id="pictures">The picture, stage by stage</h2>
<p>${width} × ${height} pixels are cut into ${count(patches)} patches of ${PATCH} × ${PATCH}, the last row of them filled up with repeated border pixels. A patch is a row of
192 numbers: red, green and blue of each pixel. Every stage adds one byte to it.</p>
<div class="pictures">
${[...shown, source].join('\n')}
</div>
<p>${DETAIL.width} × ${DETAIL.height} pixels of each, enlarged:</p>
<div class="pictures details">
${details.join('\n')}
</div>
<p>What the bits do not tell: the codebook was trained on ${count(trainRows)} overlapping patches of both photographs of the project, this one included, so it knows
the picture. One that was trained on <code>${escapeText(unseen.trainedOn)}</code> alone, a temple before a bright sky, gives ${unseen.psnr.toFixed(1)} dB with ${unseen.stages} stages. And the bits
are those of the codes. The codebook takes ${megabytes(codebookBytes)} as float32; kept for this one picture only, it would add ${short(shared)} bits per pixel. It pays where it serves many.</p>
</section>`;
}

function errors(figures: Figures): string {
  const { sift, photograph } = figures;
  const [descriptors, patches] = [sift.evaluation, photograph.evaluation];
  return `<section class="beside" aria-labelledby="errors">
<div>
<h2 id="errors">Error against stages</h2>
<p>Relative error is the squared error of all rows over their squared norm. The descriptors fall from ${percent(descriptors.relativeErrorPerStage[0])} to
${percent(descriptors.relativeError)}, the photograph’s patches from ${percent(patches.relativeErrorPerStage[0])} to ${percent(patches.relativeError)}.</p>
<p>A patch is mostly one colour, which the first stage finds; descriptors have no such easy part. Of what is left each further stage takes a little
less: of the descriptors’ error the second takes ${percent(share(descriptors, 2))}, the last ${percent(share(descriptors, descriptors.stages))}.</p>
</div>
<figure>${errorChart(figures)}</figure>
</section>`;
}

function descriptors({ sift }: Figures): string {
  const { evaluation, trainRows, trainSeconds, codebookBytes } = sift;
  return `<section aria-labelledby="descriptors">
<h2 id="descriptors">SIFT descriptors</h2>
<p>${count(evaluation.rows)} descriptors of ${evaluation.dim} values, encoded with a codebook that was trained on ${count(trainRows)} others in ${trainSeconds.toFixed(1)} seconds. mse is the mean over
rows of the summed squared difference. Sizes are against the same values as float32, and as uint8, which is how SIFT is stored; the codebook, ${megabytes(codebookBytes)} for
any number of rows, is not counted.</p>
${tableHtml(siftTable(sift))}
</section>`;
}

function speeds({ sift }: Figures): string {
  const { wasm, reference } = sift.speed;
  return `<section class="beside" aria-labelledby="speeds">
<div>
<h2 id="speeds">The same codes, ${short(wasm.rowsPerSecond / reference.rowsPerSecond)} times as fast</h2>
<p>The core in WebAssembly screens all codewords in 16-bit integers, proves which of them can still be the nearest, and measures only those
exactly. The reference in TypeScript measures every one.</p>
<p>Both gave the same codes: all ${count(reference.rows * sift.evaluation.stages)} that the reference found, ${count(reference.rows)} rows, were compared. One thread, the median
of ${wasm.runs} runs each, WebAssembly on ${count(wasm.rows)} rows.</p>
</div>
<figure>${speedChart(sift.speed)}</figure>
</section>`;
}

function closing({ machine }: Figures): string {
  const licence = `<a href="${FLICKR_LICENCE}">CC BY 2.0</a>`;
  return `<p>Measured on ${escapeText(machine.cpu)}, ${machine.threads} threads, Node ${escapeText(machine.node)}, ${escapeText(machine.platform)}. The same figures as data are in <code>report.json</code> beside
this file.</p>
<p>Photograph: flower.jpg by vultilion (Flickr), ${licence}; the rebuilt versions and the details are changed from it. Also used for training, not shown: china.jpg by
danielbuechele (Flickr), ${licence}. The descriptors were computed from these two and from public-domain and CC0 photographs that
<code>data/README.md</code> names.</p>`;
}

/** The part of the error before `stage`, counted from 1, that it takes away. */
function share({ msePerStage }: Evaluation, stage: number): number {
  return 1 - msePerStage[stage - 1] / msePerStage[stage - 2];
}

interface FigureOptions {
  readonly source: string;
  readonly alt: string;
  /** Markup. */
  readonly caption: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly large: boolean;
}

function figure({ source, alt, caption, size, large }: FigureOptions): string {
  const image = `<img src="${source}" width="${size.width}" height="${size.height}" alt="${escapeText(alt)}">`;
  return `<figure${large ? ' class="large"' : ''}>${image}<figcaption>${caption}</figcaption></figure>`;
}

function stagesText({ stages }: Version): string {
  return stages === 1 ? '1 stage' : `${stages} stages`;
}

/** What somebody who sees the picture notices first. */
function looks(stages: number): string {
  if (stages === 1) return 'the flower in coarse square patches';
  if (stages === 2) return 'petals can be told apart, patch edges show';
  return stages < 8 ? 'petals are clear, with some noise along their edges' : 'close to the original, with fine petal edges a little rough';
}

function dataUri(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

function last<T>(values: readonly T[]): T {
  return values[values.length - 1];
}
