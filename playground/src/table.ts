// The table: the figures of every stage.
import { bits, create, decibel, percent, significant, whole } from './page.ts';
import type { StageFigures } from './stages.ts';

type Column = readonly [title: string, value: (figures: StageFigures, stage: number) => string];

const PICTURE: readonly Column[] = [
  ['bits per pixel', ({ bitsPerPixel }) => bits(bitsPerPixel ?? 0)],
  ['PSNR', ({ psnr }) => decibel(psnr ?? 0)],
];
const ALL: readonly Column[] = [
  ['bits per row', ({ bitsPerRow }) => whole(bitsPerRow)],
  ['mse', ({ mse }) => significant(mse)],
  ['relative error', ({ relativeError }) => percent(relativeError)],
  ['entropy', ({ entropy }) => percent(entropy)],
  ['unused', ({ dead }) => whole(dead)],
];

export function fillTable(table: HTMLTableElement, figures: readonly StageFigures[]): void {
  const columns = [...(figures[0].psnr === undefined ? [] : PICTURE), ...ALL];
  const head = create('tr', {}, ...['stages', ...columns.map(([title]) => title)].map((title) => create('th', { scope: 'col' }, title)));
  const rows = figures.map((stage, m) => {
    const values = columns.map(([, value]) => create('td', {}, value(stage, m)));
    return create('tr', {}, create('th', { scope: 'row' }, String(m + 1)), ...values);
  });
  table.tHead?.replaceChildren(head);
  table.tBodies[0].replaceChildren(...rows);
}

/** Marks the row of the stages that are shown. */
export function markRow(table: HTMLTableElement, stages: number): void {
  Array.from(table.tBodies[0].rows).forEach((row, m) => {
    row.classList.toggle('shown', m + 1 === stages);
  });
}

/** Lets keys reach what is wider than the page, so that they can scroll it. */
export function scrollByKeys(area: HTMLElement): void {
  const check = () => {
    area.tabIndex = area.scrollWidth > area.clientWidth ? 0 : -1;
  };
  const resized = new ResizeObserver(check);
  resized.observe(area);
  for (const child of Array.from(area.children)) resized.observe(child);
}
