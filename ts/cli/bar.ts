// Progress of long work: a bar with rows a second and the time left on a terminal, a line of JSON a second with --json, else nothing.

import { counted } from '../model/errors.ts';
import { isTerminal, paint } from './color.ts';
import { clearBar, drawBar, isJson, isQuiet, printStatus } from './output.ts';
import { duration, rate } from './terminal.ts';

export interface Progress {
  /** How much is done, 0 to 1, where that is known. */
  readonly fraction?: number | undefined;
  /** Rows done. */
  readonly rows?: number | undefined;
  /** Where the work knows better than its pace so far. */
  readonly secondsLeft?: number | undefined;
}

export interface ProgressBar {
  /** Whether it can be seen. */
  readonly visible: boolean;
  /** @param task what is done, such as "encoding" */
  show(task: string, progress: Progress): void;
  /** Removes the bar. */
  end(): void;
}

const BAR_WIDTH = 30;
const REDRAW_MILLISECONDS = 100;
const REPORT_MILLISECONDS = 1000;

export function createProgressBar(): ProgressBar {
  const visible = !isJson() && !isQuiet() && isTerminal(process.stderr);
  const interval = visible ? REDRAW_MILLISECONDS : REPORT_MILLISECONDS;
  const started = performance.now();
  let last = visible ? Number.NEGATIVE_INFINITY : started;
  return {
    visible,
    show(task, progress) {
      const now = performance.now();
      if (now - last < interval) return;
      last = now;
      const measured = paced(progress, (now - started) / 1000);
      if (visible) draw(task, measured);
      else printStatus('progress', { task, ...measured });
    },
    end: clearBar,
  };
}

interface Measured extends Progress {
  readonly rowsPerSecond?: number;
}

/** Adds what follows from the time that has passed: the first second says little of the time left. */
function paced(progress: Progress, seconds: number): Measured {
  const { fraction = 0, rows } = progress;
  const rowsPerSecond = rows === undefined || rows === 0 || seconds === 0 ? {} : { rowsPerSecond: rows / seconds };
  const left = fraction > 0 && seconds >= 1 ? { secondsLeft: (seconds * (1 - fraction)) / fraction } : {};
  return { ...left, ...progress, ...rowsPerSecond };
}

function draw(task: string, { fraction, rows, rowsPerSecond, secondsLeft }: Measured): void {
  const { stderr } = process;
  const facts = [
    task,
    ...(fraction === undefined && rows !== undefined ? [counted(rows, 'rows')] : []),
    ...(rowsPerSecond === undefined ? [] : [rate(rowsPerSecond, 1)]),
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
  ];
  const columns = (stderr.columns || 80) - 1;
  const done = fraction === undefined ? '' : `${String(Math.floor(100 * fraction)).padStart(3)} %  `;
  const text = `${done}${facts.join(', ')}`;
  const room = columns - text.length - 3;
  // Where the window is too narrow for both, what is written says more.
  const width = fraction === undefined || room < 5 ? 0 : Math.min(BAR_WIDTH, room);
  const full = Math.round((fraction ?? 0) * width);
  const bar = width === 0 ? '' : `[${paint(stderr, 'green', '#'.repeat(full))}${'.'.repeat(width - full)}] `;
  drawBar(`${bar}${text.slice(0, columns)}`);
}
