// How often the codewords of a stage are chosen, sorted: a small plot, of which a page shows one for each stage.
import { short } from './numbers.ts';
import { createScale } from './scale.ts';
import { drawing, element, place, text } from './svg.ts';

/** The multiple of an even share up to which there is room, at least. */
const LEAST_TOP = 4;

/** In units of the drawing. */
const WIDTH = 200;
const HEIGHT = 116;
const EDGES = { left: 30, right: 2, top: 8, bottom: 8 };

/** Points of the curve at most: codewords may be 65,536. */
const MOST_POINTS = 160;

/** As a multiple of an even share, what the most chosen codeword of all stages has: the stages of one page share their scale. */
export function topOf(stages: readonly (readonly number[])[]): number {
  return Math.max(LEAST_TOP, ...stages.map((use) => use.reduce((most, rows) => Math.max(most, rows), 0) / evenShare(use)));
}

/** @param use rows that chose each codeword, at least one row in all */
export function usePlot(use: readonly number[], { top, label }: { top: number; label: string }): string {
  const sorted = Float64Array.from(use).sort().reverse();
  const share = evenShare(use);
  const [left, right, bottom] = [EDGES.left, WIDTH - EDGES.right, HEIGHT - EDGES.bottom];
  // by their square roots, so that rare codewords and frequent ones can be told apart in one plot, and none lie on the floor
  const scale = createScale('linear', [0, Math.sqrt(top)], [bottom, EDGES.top]);
  const up = (share: number) => scale(Math.sqrt(share));
  const across = createScale('linear', [0, sorted.length], [left, right]);
  const heights = steps(sorted.length).map(({ from, to }) => ({ from, to, y: up(sorted[from] / share) }));
  const path = heights.map(({ from, to, y }) => `L${place(across(from))} ${place(y)}L${place(across(to))} ${place(y)}`).join('');
  const line = (value: number, kind: string) => element('line', { class: kind, x1: left, x2: right, y1: up(value), y2: up(value) });
  const tick = (value: number, words: string) => text({ x: left - 6, y: up(value) + 4.5, 'text-anchor': 'end' }, words);
  const parts = [
    line(0, 'grid'),
    line(1, 'limit'),
    line(NEAR_DEAD, 'limit'),
    tick(1, '1'),
    tick(Math.floor(top), short(Math.floor(top))),
    tick(NEAR_DEAD, '0.1'),
    element(
      'g',
      { class: 'tone-1' },
      element('path', { class: 'area', d: `M${left} ${bottom}${path}L${right} ${bottom}Z` }) +
        element('path', { class: 'curve', d: `M${path.slice(1)}` }),
    ),
  ];
  return drawing({ width: WIDTH, height: HEIGHT, label, standalone: false }, parts);
}

/** Below this part of an even share a codeword is near dead. */
const NEAR_DEAD = 0.1;

function evenShare(use: readonly number[]): number {
  return use.reduce((rows, more) => rows + more, 0) / use.length;
}

/** Codewords that the steps of the curve stand for: one each, or equal runs of them. */
function steps(codewords: number): { from: number; to: number }[] {
  const count = Math.min(codewords, MOST_POINTS);
  const at = (i: number) => Math.round((i * codewords) / count);
  return Array.from({ length: count }, (_, i) => ({ from: at(i), to: at(i + 1) }));
}
