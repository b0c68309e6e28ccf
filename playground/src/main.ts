// The controls: choose what to train on, train, cancel.
import type { Matrix } from 'residual-vq';
import { cutPatches } from '../../demo/patches.ts';
import { Cancelled, train } from './client.ts';
import { create, element, percent, stagesText, whole } from './page.ts';
import type { Result, Settings } from './protocol.ts';
import { show } from './results.ts';
import { fromFile, PHOTOGRAPHS, type Photograph, photograph, type Source } from './source.ts';

const MOST_STAGES = 16;
const FIRST_STAGES = 8;

const form = element('controls', HTMLFormElement);
const file = element('file', HTMLInputElement);
const progress = element('progress', HTMLProgressElement);
const status = element('status', HTMLParagraphElement);
const problem = element('problem', HTMLParagraphElement);
const trainButton = element('train', HTMLButtonElement);
const cancelButton = element('cancel', HTMLButtonElement);
const own = element('own', HTMLLabelElement);

let running: AbortController | undefined;
let ownSource: Source | undefined;

async function run(): Promise<void> {
  running?.abort();
  const stop = new AbortController();
  running = stop;
  setRunning(true);
  tellProblem(undefined);
  element('notes', HTMLUListElement).replaceChildren();
  try {
    status.textContent = 'Reading';
    const source = await chosenSource();
    const settings: Settings = { stages: chosen('stages'), codewords: chosen('codewords'), beam: chosen('beam') };
    const patch = chosen('patch');
    const { training, rows } = rowsOf(source, patch);
    stop.signal.throwIfAborted();
    const result = await train({ training, rows, settings }, { signal: stop.signal, ...followers(stop, training) });
    if (running !== stop) return;
    show({ source, rows, patch, result });
    tellResult(source, result);
  } catch (error) {
    if (running !== stop) return;
    if (error instanceof Cancelled || stop.signal.aborted) status.textContent = 'Cancelled.';
    else {
      status.textContent = '';
      tellProblem(error);
    }
  } finally {
    if (running === stop) {
      running = undefined;
      setRunning(false);
    }
  }
}

/** What training learns from, and what is encoded: of pictures overlapping patches, four times as many, and those that cover it once. */
function rowsOf(source: Source, patch: number): { training: Matrix; rows: Matrix } {
  if (source.kind === 'vectors') return { training: source.vectors, rows: source.vectors };
  const rows = cutPatches(source.picture, { size: patch });
  return { rows, training: cutPatches(source.picture, { size: patch, step: patch / 2 }) };
}

function followers(stop: AbortController, training: Matrix) {
  const current = () => running === stop;
  return {
    onProgress: ({ fraction, stage, stages, iteration }: { fraction: number; stage: number; stages: number; iteration: number }) => {
      if (!current()) return;
      progress.value = fraction;
      // told to screen readers once a stage, not at every iteration
      if (iteration === 1 || stage === 0) status.textContent = `Training stage ${stage + 1} of ${stages} on ${whole(training.rows)} rows`;
    },
    onEncoding: () => {
      if (current()) status.textContent = 'Encoding';
    },
  };
}

function tellResult(source: Source, { codebook, evaluation, report, seconds, engine }: Result): void {
  const { codewords } = codebook;
  status.textContent =
    `Trained ${stagesText(codewords.length)} of ${whole(codewords[0])} codewords on ${whole(report.rowsUsed)} rows in ${seconds.toFixed(1)} s. ` +
    `${whole(evaluation.bitsPerRow)} bits a row instead of ${whole(codebook.dim * (source.kind === 'picture' ? 8 : 32))}; ${percent(evaluation.relativeError)} of the squared norm is lost.`;
  const notes = [...report.warnings];
  if (source.kind === 'picture' && source.note !== undefined) notes.unshift(source.note);
  if (engine === 'reference') {
    notes.unshift('This page has no WebAssembly with SIMD, so the TypeScript reference does the work: the same codes, more slowly.');
  }
  element('notes', HTMLUListElement).replaceChildren(...notes.map((note) => create('li', {}, note)));
}

function tellProblem(error: unknown): void {
  problem.hidden = error === undefined;
  problem.textContent = error === undefined ? '' : error instanceof Error ? error.message : String(error);
}

function setRunning(busy: boolean): void {
  trainButton.disabled = busy;
  cancelButton.disabled = !busy;
  progress.hidden = !busy;
  progress.value = 0;
}

function chosen(id: string): number {
  return Number(element(id, HTMLSelectElement).value);
}

function chosenSource(): Promise<Source> {
  const name = String(new FormData(form).get('source'));
  if (name === 'own' && ownSource !== undefined) return Promise.resolve(ownSource);
  return photograph(name as Photograph);
}

/** Takes a file of the visitor's, and trains on it. */
async function take(given: File): Promise<void> {
  tellProblem(undefined);
  try {
    ownSource = await fromFile(given);
  } catch (error) {
    tellProblem(error);
    return;
  }
  own.hidden = false;
  element('own-name', HTMLSpanElement).textContent = given.name;
  element('own-kind', HTMLSpanElement).textContent = ownSource.kind;
  const radio = own.querySelector('input');
  if (radio !== null) radio.checked = true;
  sourceChanged();
  await run();
}

/** A patch is of pictures alone. */
function sourceChanged(): void {
  const vectors = String(new FormData(form).get('source')) === 'own' && ownSource?.kind === 'vectors';
  element('patch-setting', HTMLDivElement).hidden = vectors;
}

const stages = element('stages', HTMLSelectElement);
for (let count = 1; count <= MOST_STAGES; count++) stages.append(create('option', { selected: count === FIRST_STAGES }, String(count)));
element('tile-flower', HTMLImageElement).src = PHOTOGRAPHS.flower;
element('tile-china', HTMLImageElement).src = PHOTOGRAPHS.china;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
form.addEventListener('change', sourceChanged);
cancelButton.addEventListener('click', () => running?.abort());
file.addEventListener('change', () => {
  const given = file.files?.[0];
  file.value = ''; // the same file may be chosen again
  if (given !== undefined) void take(given);
});
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.body.classList.remove('dragging');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  const given = event.dataTransfer?.files[0];
  if (given !== undefined) void take(given);
});
void run();
