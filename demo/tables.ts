// The tables of the figures, as text for the terminal and as HTML for the report.

import type { Table } from '../ts/report/table.ts';
import { bitsAfterStages, count, type PhotographFigures, percent, type SiftFigures, type SpeedFigures, short } from './figures.ts';

/** The error after every stage, and what the codes so far take. */
export function siftTable({ evaluation, storedBitsPerValue }: SiftFigures): Table {
  const { rows, dim, stages, msePerStage, relativeErrorPerStage } = evaluation;
  const bits = bitsAfterStages(evaluation);
  return {
    caption: `${count(rows)} SIFT descriptors of ${dim} values, after each of ${stages} stages`,
    heads: ['stages', 'mse', 'relative error', 'bits a row', 'vs float32', 'vs uint8'],
    rows: bits.map((all, m) => [
      String(m + 1),
      count(msePerStage[m]),
      percent(relativeErrorPerStage[m]),
      String(all),
      times((32 * dim) / all),
      times((storedBitsPerValue * dim) / all),
    ]),
  };
}

export function speedTable({ wasm, reference }: SpeedFigures): Table {
  const line = (name: string, { rows, runs, rowsPerSecond }: SpeedFigures['wasm']) => [name, short(rowsPerSecond), count(rows), String(runs)];
  return {
    caption: 'Encoding speed, one thread',
    heads: ['engine', 'rows a second', 'rows timed', 'runs'],
    rows: [line('WebAssembly', wasm), line('TypeScript reference', reference)],
  };
}

export function photographTable({ file, versions, evaluation }: PhotographFigures): Table {
  return {
    caption: `The photograph ${file}, rebuilt`,
    heads: ['stages', 'PSNR', 'bits per pixel', 'relative error'],
    rows: versions.map(({ stages, psnr, bitsPerPixel }) => [
      String(stages),
      `${psnr.toFixed(1)} dB`,
      bitsPerPixel.toFixed(2),
      percent(evaluation.relativeErrorPerStage[stages - 1]),
    ]),
  };
}

/** Columns of text, the first to the left, the others to the right. */
export function tableText({ caption, heads, rows }: Table): string {
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const written = lines.map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   '));
  return [caption, ...written.map((line) => `  ${line}`)].join('\n');
}

function times(ratio: number): string {
  return `${short(ratio)} x`;
}
