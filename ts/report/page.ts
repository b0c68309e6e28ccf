// A report as one HTML file that needs nothing else: no request leaves it.
import { PAGE_STYLE } from './style.ts';
import { escapeText, PLOT_STYLE } from './svg.ts';

export interface Page {
  readonly title: string;
  /** Besides that of all reports. */
  readonly style: string;
  /** Markup. */
  readonly main: string;
  /** Markup. */
  readonly footer: string;
}

export function pageHtml({ title, style, main, footer }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>
${PAGE_STYLE}
${style.trim()}
${PLOT_STYLE}
</style>
</head>
<body>
<main>
${unbroken(main)}
</main>
<footer>
${footer}
</footer>
</body>
</html>
`;
}

/** A figure and its unit stay on one line. */
function unbroken(markup: string): string {
  return markup.replaceAll(/(\d) (%|dB|MB|x)(?=\W)/g, '$1&nbsp;$2');
}
