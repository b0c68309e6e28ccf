// The codebooks as pictures: each stage's codewords, the most used first, and how often each is used.
import type { Codebook, Codes } from 'residual-vq';
import { CHANNELS } from '../../demo/patches.ts';
import { create, percent } from './page.ts';
import type { StageFigures } from './stages.ts';
import { toImage } from './view.ts';

/** Of later stages' values, this part stays below the strongest tone. */
const WITHIN = 0.99;

export function codebookFigures(codebook: Codebook, codes: Codes, figures: readonly StageFigures[], patch: number): HTMLElement[] {
  let first = 0;
  return codebook.codewords.map((count, stage) => {
    const use = useOf(codes, stage, count);
    const order = Array.from(use.keys()).sort((a, b) => use[b] - use[a] || a - b);
    const values = codebook.data.subarray(first * codebook.dim, (first + count) * codebook.dim);
    first += count;
    const { entropy, dead } = figures[stage];
    const unused = dead === 0 ? '' : `, ${dead} unused`;
    const words = `Stage ${stage + 1}: ${count} codewords, entropy ${percent(entropy)}${unused}`;
    return create(
      'figure',
      {},
      drawCodewords(values, order, { patch, residual: stage > 0, label: words }),
      useCurve(order.map((k) => use[k])),
      create('figcaption', {}, create('strong', {}, `Stage ${stage + 1}`), ` entropy ${percent(entropy)}${unused}`),
    );
  });
}

function useOf({ data, rows, stages }: Codes, stage: number, count: number): number[] {
  const use = new Array<number>(count).fill(0);
  for (let row = 0; row < rows; row++) use[data[row * stages + stage]]++;
  return use;
}

interface Look {
  readonly patch: number;
  /** Whether the codewords are differences. */
  readonly residual: boolean;
  readonly label: string;
}

function drawCodewords(values: Float32Array, order: readonly number[], { patch, residual, label }: Look): HTMLCanvasElement {
  const across = Math.ceil(Math.sqrt(order.length));
  const down = Math.ceil(order.length / across);
  const gap = patch < 8 ? 1 : 2;
  const [width, height] = [across * (patch + gap) - gap, down * (patch + gap) - gap];
  const canvas = create('canvas', { width, height });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const [middle, gain] = residual ? [128, 120 / strongest(values)] : [0, 1];
  const dim = patch * patch * CHANNELS;
  order.forEach((k, place) => {
    const data = Uint8ClampedArray.from(values.subarray(k * dim, (k + 1) * dim), (value) => middle + gain * value);
    const [x, y] = [(place % across) * (patch + gap), Math.floor(place / across) * (patch + gap)];
    context.putImageData(toImage({ data: new Uint8Array(data.buffer), width: patch, height: patch }), x, y);
  });
  return canvas;
}

function strongest(values: Float32Array): number {
  const sizes = Float32Array.from(values, Math.abs).sort();
  return Math.max(1, sizes[Math.floor(WITHIN * (sizes.length - 1))]);
}

/** Use of the codewords, the most used first, as an area. */
function useCurve(use: readonly number[]): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', `0 0 ${use.length} 1`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  const most = Math.max(1, ...use);
  path.setAttribute('d', `M0 1${use.map((count, i) => `V${1 - count / most}H${i + 1}`).join('')}V1Z`);
  svg.append(path);
  return svg;
}
