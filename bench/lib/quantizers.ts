// Kinds of quantizers at the same bits, as bench/quantizers.ts measures them: what is kept, and the README's table of it. Pure.
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
  /** On the first data set; ours comes first. */
  readonly curves: readonly QuantizerCurve[];
}

/** The fewest bits at which a curve loses no more; undefined where it does not come so far. */
export function bitsFor({ points }: QuantizerCurve, relativeError: number): number | undefined {
  const enough = points.filter((point) => point.relativeError <= relativeError).map(({ bits }) => bits);
  return enough.length === 0 ? undefined : Math.min(...enough);
}

/** A line for each quantizer; for each data set the part of the squared norm that is lost, and its bits where they are others. */
export function quantizerTable({ figures, curves }: QuantizerResults): string {
  const sets = [...new Set(figures.map(({ set }) => set))];
  const names = [...new Set(figures.map(({ name }) => name))];
  const find = (set: string, name: string) => figures.find((figure) => figure.set === set && figure.name === name);
  const head = ['', ...sets, `rows/s, ${sets[0]}`, 'bits for as little, greedily'];
  const lines = names.map((name) => {
    const [first] = sets;
    const figure = find(first, name);
    const bits = figure === undefined || figure === figures[0] ? undefined : bitsFor(curves[0], figure.relativeError);
    const farthest = curves[0].points[curves[0].points.length - 1].bits;
    return [
      name,
      ...sets.map((set) => lossText(find(set, name), figures.find((one) => one.set === set)?.bits)),
      figure === undefined ? '' : short(figure.rowsPerSecond),
      figure === figures[0] ? '' : bits === undefined ? `over ${farthest}` : String(bits),
    ];
  });
  return markdownTable([head, ...lines]);
}

function lossText(figure: QuantizerFigure | undefined, usual: number | undefined): string {
  if (figure === undefined) return '';
  const loss = `${Number((100 * figure.relativeError).toPrecision(3))} %`;
  return figure.bits === usual ? loss : `${loss} in ${figure.bits} bits`;
}
