// What all plots share: an SVG that reads well on a light page and on a dark one, with no font or file of its own. Pure functions.

/** Blue for us, grey for the others; text takes the colours of GitHub's pages. */
const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .ours { fill: #0969da; }
  .other { fill: #9aa4af; }
  .line { fill: none; stroke-width: 2; }
  .line.ours { stroke: #0969da; fill: none; }
  .line.other { stroke: #9aa4af; fill: none; }
  .axis, .spread { stroke: #59636e; stroke-width: 1; fill: none; }
  .guide { stroke: #59636e; stroke-width: 1; stroke-dasharray: 2 4; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .other { fill: #656c76; }
    .line.ours { stroke: #4493f8; }
    .line.other { stroke: #656c76; }
    .axis, .spread, .guide { stroke: #9198a1; }
  }
`;

/** @param label what the picture shows, for those who cannot see it */
export function picture(width: number, height: number, label: string, content: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`;
  return `${open} aria-label="${escapeText(label)}">\n<style>${STYLE}</style>\n${content.join('\n')}\n</svg>\n`;
}

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly kind?: 'title' | 'quiet';
}

export function text(x: number, y: number, words: string, { anchor = 'start', kind }: TextOptions = {}): string {
  const ends = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  const style = kind === undefined ? '' : ` class="${kind}"`;
  return `<text x="${rounded(x)}" y="${rounded(y)}"${ends}${style}>${escapeText(words)}</text>`;
}

export function path(kind: string, points: readonly (readonly [x: number, y: number])[]): string {
  const steps = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`).join('');
  return `<path class="${kind}" d="${steps}"/>`;
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
