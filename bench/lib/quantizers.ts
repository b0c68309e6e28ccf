// Kinds of quantizers at the same bits, as bench/quantizers.ts measures them: what is kept, and the README's table of it. Pure.
import { count } from '../../ts/model/errors.ts';
import type { Machine } from './machine.ts';
import { markdownTable, short } from './table.ts';

export const QUANTIZER_MARKERS = { start: '<!-- quantizers:start -->', end: '<!-- quantizers:end -->' } as const;

export interface QuantizerFigure {
  /** The data set, with its dim and the shape. */
  readonly set: string;
  readonly name: string;
  readonly bits: number;
  /** Of the test rows. */
  readonly mse: number;
  /** Their squared error over their squared norm. */
  readonly relativeError: number;
  /** Encoded, a second of user CPU time. */
  readonly rowsPerSecond: number;
}

/** Error against bits of one quantizer on one data set. */
export interface QuantizerCurve {
  readonly name: string;
  readonly points: readonly { readonly bits: number; readonly relativeError: number }[];
}

export interface QuantizerResults {
  readonly machine: Machine;
  readonly date: string;
  readonly quick: boolean;
  readonly faiss: string;
  readonly figures: readonly QuantizerFigure[];
  /** On the first data set; ours comes first, greedily, a point a stage. */
  readonly curves: readonly QuantizerCurve[];
}

/** The fewest bits at which a curve loses no more; undefined where it does not come so far. */
export function bitsFor({ points }: QuantizerCurve, relativeError: number): number | undefined {
  const enough = points.filter((point) => point.relativeError <= relativeError).map(({ bits }) => bits);
  return enough.length === 0 ? undefined : Math.min(...enough);
}

/** The README's section: the table, and who measured what. */
export function quantizerMarkdown(results: QuantizerResults): string {
  const { machine, date, faiss } = results;
  const lines = [
    'Part of the squared norm that is lost, of rows that were not trained on. Of the first data also rows encoded a second (of CPU time, one thread), and the bits',
    `at which ${results.curves[0].name}, loses as little. Measured on ${date}: ${machine.cpu}, faiss-cpu ${faiss}.`,
  ];
  return [...lines, '', quantizerTable(results)].join('\n');
}

/** A line for each quantizer: what it loses of each data set, how fast it encodes the first, and the bits at which we lose as little of it. */
export function quantizerTable({ figures, curves: [curve] }: QuantizerResults): string {
  const sets = [...new Set(figures.map(({ set }) => set))];
  const names = [...new Set(figures.map(({ name }) => name))];
  const usual = sets.map((set) => figures.find((figure) => figure.set === set)?.bits ?? 0);
  const lines = names.map((name) => {
    const cells = sets.map((set) => figures.find((figure) => figure.set === set && figure.name === name));
    const [first, ...others] = cells.map((figure, i) => lossText(figure, usual[i]));
    const [figure] = cells;
    return [name, first, ...(figure === undefined ? ['', ''] : [short(figure.rowsPerSecond), equalText(curve, figure)]), ...others];
  });
  const [title, ...titles] = sets.map((set, i) => `${set}: ${usual[i]} bits`);
  return markdownTable([['quantizer', title, 'rows/s', `${curve.name}, needs`, ...titles], ...lines]);
}

function equalText(curve: QuantizerCurve, { name, relativeError }: QuantizerFigure): string {
  if (name === curve.name) return '';
  return `${bitsFor(curve, relativeError) ?? `over ${curve.points[curve.points.length - 1].bits}`} bits`;
}

function lossText(figure: QuantizerFigure | undefined, usual: number): string {
  if (figure === undefined) return '';
  const loss = `${Number((100 * figure.relativeError).toPrecision(3))} %`;
  return figure.bits === usual ? loss : `${loss} (${count(figure.bits)} bits)`;
}
