// Colours, where they can be seen or are asked for, and what the environment says of it: NO_COLOR, FORCE_COLOR, TERM=dumb.
import type { WriteStream } from 'node:tty';

/** Codes of SGR (ECMA-48): to begin with it, and to end it. */
const STYLES = { red: [31, 39], green: [32, 39], yellow: [33, 39], bold: [1, 22], dim: [2, 22] } as const;

export type Style = keyof typeof STYLES;

/** Whether text for this stream may have colours: https://no-color.org, https://force-color.org. */
export function hasColors(stream: Pick<WriteStream, 'isTTY'>): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  return FORCE_COLOR !== undefined || isTerminal(stream);
}

/** Whether the stream is a terminal on which a line can be drawn again. */
export function isTerminal(stream: Pick<WriteStream, 'isTTY'>): boolean {
  return stream.isTTY && process.env.TERM !== 'dumb';
}

export function paint(stream: Pick<WriteStream, 'isTTY'>, style: Style, text: string): string {
  const [begin, end] = STYLES[style];
  return hasColors(stream) ? `\x1b[${begin}m${text}\x1b[${end}m` : text;
}
