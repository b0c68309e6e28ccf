// Tables as HTML.
import { escapeText } from './svg.ts';

export interface Table {
  readonly caption: string;
  readonly heads: readonly string[];
  /** Cells of each row, as many as heads; the first names the row. */
  readonly rows: readonly (readonly string[])[];
}

export function tableHtml({ caption, heads, rows }: Table): string {
  const head = heads.map((name) => `<th scope="col">${escapeText(name)}</th>`).join('');
  const body = rows.map(([name, ...cells]) => {
    return `<tr><th scope="row">${escapeText(name)}</th>${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`;
  });
  // a name and a tab stop: on a narrow screen the table scrolls, which must work from the keyboard
  return `<div class="scroll" role="region" aria-label="${escapeText(caption)}" tabindex="0"><table><caption>${escapeText(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`;
}
