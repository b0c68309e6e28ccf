// The figures of bench/training.ts as a table. Pure.

export interface TrainingFigure {
  readonly set: string;
  /** The options of train, or what else was trained. */
  readonly name: string;
  /** mse of the test rows, by the beam that encodes them. */
  readonly mse: Readonly<Record<number, number>>;
  /** User CPU time of the training. */
  readonly seconds: number;
}

export function trainingTable(figures: readonly TrainingFigure[]): string {
  const sets = [...new Set(figures.map(({ set }) => set))];
  const names = [...new Set(figures.map(({ name }) => name))];
  const cell = (set: string, name: string) => {
    const figure = figures.find((one) => one.set === set && one.name === name);
    if (figure === undefined) return '';
    const errors = [1, 5, 16].map((beam) => (beam in figure.mse ? errorText(figure.mse[beam]) : '·')).join(' / ');
    return `${errors} in ${figure.seconds.toFixed(figure.seconds < 10 ? 2 : 0)} s`;
  };
  const lines = [['options', ...sets], ['---', ...sets.map(() => '---')], ...names.map((name) => [name, ...sets.map((set) => cell(set, name))])];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function errorText(error: number): string {
  return error < 1000 ? error.toFixed(1) : Math.round(error).toLocaleString('en-US');
}
