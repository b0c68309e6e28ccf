// SVG as text: elements, escaped, and the one style that all our plots share.

/** Text made safe between tags and in double-quoted attributes, of SVG and HTML alike. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export type Attributes = Readonly<Record<string, string | number>>;

/** One element. `content` is markup: escape the text that goes in. Numbers are rounded to hundredths of a pixel. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? place(value) : escapeText(value)}"`);
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

export function text(attributes: Attributes, words: string): string {
  return element('text', attributes, escapeText(words));
}

/** The colours of series and bars, by their place. They differ in lightness as well, and points in shape. */
export type Tone = 1 | 2 | 3;

/**
 * How plots look, in light and dark. A page that holds plots puts it into its own style and may set `--plot-1` and so on itself;
 * a plot that stands alone carries it.
 */
export const PLOT_STYLE = `
.plot { --ink: var(--plot-ink, #1d2b2a); --soft: var(--plot-soft, #5b6b69); --line: var(--plot-line, #d5dcda);
  --tone-1: var(--plot-1, #0b6e72); --tone-2: var(--plot-2, #c2491a); --tone-3: var(--plot-3, #7a5ea8);
  font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
@media screen and (prefers-color-scheme: dark) {
  .plot { --ink: var(--plot-ink, #e6edeb); --soft: var(--plot-soft, #9fb0ad); --line: var(--plot-line, #33413f);
    --tone-1: var(--plot-1, #5cc6c2); --tone-2: var(--plot-2, #ff9a66); --tone-3: var(--plot-3, #bda5e6); }
}
.plot text { fill: var(--soft); }
.plot .strong { fill: var(--ink); font-weight: 600; }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .track { fill: var(--line); opacity: 0.55; }
.plot .tone-1 { color: var(--tone-1); } .plot .tone-2 { color: var(--tone-2); } .plot .tone-3 { color: var(--tone-3); }
.plot .curve { fill: none; stroke: currentColor; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
.plot .mark { fill: currentColor; }
.plot .area { fill: currentColor; opacity: 0.16; }
.plot .limit { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
`.trim();

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What the picture says, for those who cannot see it. */
  readonly label: string;
  /** Whether it is a file of its own, which carries its style, or part of a page that has it. */
  readonly standalone: boolean;
}

/** Around a drawing that stands alone, so that nothing touches the edge of the picture. */
const MARGIN = 8;

/** The whole drawing. In a page it is as wide as its place allows; `width` and `height` are the units inside. */
export function drawing({ width, height, label, standalone }: Drawing, parts: readonly string[]): string {
  const margin = standalone ? MARGIN : 0;
  const [outerWidth, outerHeight] = [width + 2 * margin, height + 2 * margin];
  const size = standalone ? { width: outerWidth, height: outerHeight } : {};
  const style = standalone ? element('style', {}, PLOT_STYLE) : '';
  const viewBox = [-margin, -margin, outerWidth, outerHeight].map(place).join(' ');
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', class: 'plot', viewBox, ...size, role: 'img', 'aria-label': label };
  return element('svg', attributes, `${style}\n${parts.join('\n')}\n`);
}

/** A marker around a point: a disc, a square or a diamond, by tone. */
export function marker(tone: Tone, at: { readonly x: number; readonly y: number }, title = ''): string {
  const content = title === '' ? '' : element('title', {}, escapeText(title));
  const { x, y } = at;
  if (tone === 1) return element('circle', { class: 'mark', cx: x, cy: y, r: 4.5 }, content);
  if (tone === 2) return element('rect', { class: 'mark', x: x - 4, y: y - 4, width: 8, height: 8 }, content);
  return element('path', { class: 'mark', d: `M${place(x)} ${place(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z` }, content);
}

/** A coordinate in as few digits as it needs. */
export function place(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`coordinate: expected a finite number, got ${value}`);
  return String(Number(value.toFixed(2)));
}
