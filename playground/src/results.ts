// What was trained, shown: the picture and its slider, the plot, the table, the codebooks, the comparison, the files.
import { writeCodebook, writeCodes } from 'residual-vq/formats';
import { compare } from './client.ts';
import { codebookFigures } from './codebooks.ts';
import { type Curve, drawCurve } from './curve.ts';
import { bits, create, decibel, element, percent, stagesText, whole } from './page.ts';
import type { Result } from './protocol.ts';
import type { Source } from './source.ts';
import { type Stages, stagesOf } from './stages.ts';
import { fillTable, markRow, scrollByKeys } from './table.ts';
import { drawView } from './view.ts';

export interface Trained {
  readonly source: Source;
  /** The rows that were encoded. */
  readonly rows: { readonly data: Float32Array; readonly rows: number; readonly dim: number };
  readonly patch: number;
  readonly result: Result;
}

const results = element('results', HTMLDivElement);
const view = element('view', HTMLCanvasElement);
const slider = element('stage', HTMLInputElement);
const divider = element('divider', HTMLInputElement);
const play = element('play', HTMLButtonElement);
const table = element('table', HTMLTableElement);
const speed = element('speed', HTMLDListElement);
const compareButton = element('compare', HTMLButtonElement);

/** Milliseconds that each stage is shown when they are played. */
const PLAY_MS = 700;

let shown: (Trained & { stages: Stages; curve: Curve }) | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

export function show(trained: Trained): void {
  stopPlaying();
  shown?.curve.remove();
  const { source, result, patch } = trained;
  const stages = stagesOf(source, result, patch);
  const picture = source.kind === 'picture';
  results.hidden = false;
  element('picture-section', HTMLElement).hidden = !picture;
  element('codebook-section', HTMLElement).hidden = !picture;
  slider.max = String(stages.count);
  slider.value = slider.max;
  fillTable(table, stages.figures);
  speed.replaceChildren();
  const figures = picture ? codebookFigures(result.codebook, result.codes, stages.figures, patch) : [];
  element('codebooks', HTMLDivElement).replaceChildren(...figures);
  const curve = drawCurve(element('curve', HTMLDivElement), stages.figures, pick);
  shown = { ...trained, stages, curve };
  update();
}

/** Shows the first `stages` stages. */
function pick(stages: number): void {
  slider.value = String(stages);
  update();
}

function update(): void {
  if (shown === undefined) return;
  const { source, stages, curve } = shown;
  const count = Number(slider.value);
  curve.mark(count);
  markRow(table, count);
  Array.from(element('codebooks', HTMLDivElement).children).forEach((figure, m) => {
    figure.classList.toggle('shown', m < count);
  });
  element('stage-value', HTMLOutputElement).value = `${count} of ${stages.count}`;
  slider.setAttribute('aria-valuetext', stagesText(count));
  divider.setAttribute('aria-valuetext', `${divider.value} %`);
  element('divider-value', HTMLOutputElement).value = `${divider.value} %`;
  if (source.kind !== 'picture') return;
  const { psnr, bitsPerPixel, relativeError } = stages.figures[count - 1];
  drawView(view, source.picture, stages.rebuilt(count), Number(divider.value) / 100);
  view.setAttribute('aria-label', `The picture rebuilt from ${stagesText(count)}: ${decibel(psnr ?? 0)}`);
  element('shown-stages', HTMLSpanElement).textContent = stagesText(count);
  const pixel = bits(bitsPerPixel ?? 0);
  element('caption', HTMLParagraphElement).textContent =
    `${pixel} bits per pixel instead of 24, PSNR ${decibel(psnr ?? 0)}, ${percent(relativeError)} of the squared norm lost`;
}

function stopPlaying(): void {
  clearInterval(timer);
  timer = undefined;
  play.textContent = 'Play';
}

function startPlaying(): void {
  pick(1);
  play.textContent = 'Stop';
  timer = setInterval(() => {
    if (slider.value === slider.max) stopPlaying();
    else pick(Number(slider.value) + 1);
  }, PLAY_MS);
}

async function showSpeed(): Promise<void> {
  if (shown === undefined) return;
  const { result, rows } = shown;
  compareButton.disabled = true;
  speed.replaceChildren(create('div', {}, create('dt', {}, 'Comparing'), create('dd', {}, '...')));
  try {
    const { rows: compared, wasm, reference, same } = await compare(result.codebook, rows);
    const facts: [string, string][] = [['rows a second, TypeScript reference', whole(reference)]];
    if (wasm === undefined) facts.unshift(['WebAssembly', 'not in this browser']);
    else {
      facts.unshift(['rows a second, WebAssembly', whole(wasm)]);
      facts.push(['times as fast', (wasm / reference).toPrecision(2)], [`same codes, ${whole(compared)} rows`, same ? 'yes' : 'no']);
    }
    speed.replaceChildren(...facts.map(([term, value]) => create('div', {}, create('dt', {}, term), create('dd', {}, value))));
  } catch (error) {
    speed.replaceChildren(
      create('div', {}, create('dt', {}, 'Not compared'), create('dd', {}, error instanceof Error ? error.message : String(error))),
    );
  } finally {
    compareButton.disabled = false;
  }
}

/** Hands the visitor a file. */
function save(name: string, bytes: ReturnType<typeof writeCodebook>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  create('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

scrollByKeys(element('scroll', HTMLElement));
slider.addEventListener('input', () => {
  stopPlaying();
  update();
});
divider.addEventListener('input', update);
play.addEventListener('click', () => (timer === undefined ? startPlaying() : stopPlaying()));
compareButton.addEventListener('click', () => void showSpeed());
element('save-codebook', HTMLButtonElement).addEventListener('click', () => {
  if (shown !== undefined) save('codebook.safetensors', writeCodebook(shown.result.codebook));
});
element('save-codes', HTMLButtonElement).addEventListener('click', () => {
  if (shown !== undefined) save('codes.safetensors', writeCodes(shown.result.codes, shown.result.codebook, { packed: true }));
});
