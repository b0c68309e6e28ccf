// How our reports look, in light and dark, on a screen of any width and on paper. A page adds what is its own.

/** The two accents are those of the photograph in the demo: teal of the leaves, orange of the petals. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7;
  --raised: #f1f0ea;
  --ink: #1d2b2a;
  --soft: #55645f;
  --line: #dcdfd9;
  --accent: #a83c12;
  --plot-1: #0b6e72;
  --plot-2: #c2491a;
  --plot-ink: var(--ink);
  --plot-soft: var(--soft);
  --plot-line: var(--line);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #121a1a;
    --raised: #1a2424;
    --ink: #e8eeec;
    --soft: #a3b3af;
    --line: #2e3b3a;
    --accent: #ff9a66;
    --plot-1: #5cc6c2;
    --plot-2: #ff9a66;
  }
}
* {
  box-sizing: border-box;
}
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font:
    1.0625rem / 1.6 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    sans-serif;
  -webkit-text-size-adjust: 100%;
}
main,
footer {
  max-width: 70rem;
  margin: 0 auto;
  padding: 0 clamp(1rem, 4vw, 2.5rem);
}
header {
  padding: clamp(2.5rem, 7vw, 5rem) 0 0;
}
h1,
h2 {
  font-family: ui-serif, "Iowan Old Style", Charter, Georgia, serif;
  font-weight: 600;
  line-height: 1.15;
  letter-spacing: -0.01em;
  text-wrap: balance;
}
h1 {
  margin: 0;
  font-size: clamp(2rem, 5.5vw, 3.25rem);
}
h2 {
  margin: 0 0 0.75rem;
  font-size: clamp(1.4rem, 3vw, 1.75rem);
}
p {
  max-width: 42rem;
  margin: 0 0 1rem;
}
a {
  color: var(--accent);
  text-underline-offset: 0.15em;
}
code {
  font:
    0.9em ui-monospace,
    "SF Mono",
    Menlo,
    Consolas,
    monospace;
}
.name {
  margin: 0 0 0.75rem;
  color: var(--accent);
  font-weight: 600;
}
.lead {
  margin: 1.25rem 0 0;
  font-size: 1.1875rem;
  color: var(--soft);
}
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: 1.25rem 2rem;
  margin: 2.25rem 0 0;
}
.facts div {
  padding-top: 0.75rem;
  border-top: 2px solid var(--ink);
}
.facts dt {
  color: var(--soft);
  font-size: 0.9375rem;
  line-height: 1.4;
}
.facts dd {
  margin: 0;
  font-size: 1.625rem;
  font-weight: 600;
  font-variant-numeric: tabular-nums;
  line-height: 1.25;
}
.facts div {
  display: flex;
  flex-direction: column-reverse;
  justify-content: flex-end;
}
section {
  margin-top: clamp(3rem, 7vw, 4.5rem);
}
figure {
  margin: 0;
}
figcaption {
  padding-top: 0.4rem;
  color: var(--soft);
  font-size: 0.9375rem;
  line-height: 1.4;
  font-variant-numeric: tabular-nums;
}
figcaption strong {
  color: var(--ink);
}
.beside {
  display: grid;
  gap: 1.5rem clamp(1.5rem, 5vw, 4rem);
}
.plot {
  display: block;
  width: 100%;
  max-width: 34rem;
  height: auto;
}
.scroll {
  overflow-x: auto;
}
.scroll:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 4px;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: clamp(0.875rem, 2.4vw, 1.0625rem);
  font-variant-numeric: tabular-nums;
}
caption {
  padding-bottom: 0.5rem;
  color: var(--soft);
  font-size: 0.9375rem;
  text-align: left;
}
th,
td {
  padding: 0.4rem 0 0.4rem 0.75rem;
  border-bottom: 1px solid var(--line);
  text-align: right;
}
td {
  white-space: nowrap;
}
th:first-child {
  padding-left: 0;
  text-align: left;
}
thead th {
  border-bottom-color: var(--ink);
  font-size: 0.9em;
  font-weight: 600;
  line-height: 1.3;
  vertical-align: bottom;
}
tbody th {
  font-weight: 400;
}
tbody tr:last-child > * {
  font-weight: 600;
}
footer {
  margin-top: clamp(3rem, 7vw, 4.5rem);
  padding-top: 1.5rem;
  padding-bottom: 3rem;
  color: var(--soft);
  font-size: 0.9375rem;
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff;
  }
  html {
    font-size: 9.5pt;
  }
  table {
    font-size: 8.5pt;
  }
  .facts {
    grid-template-columns: repeat(4, 1fr);
    gap: 1rem;
  }
  .beside {
    grid-template-columns: minmax(0, 4fr) minmax(0, 5fr);
    gap: 1.5rem;
  }
  header {
    padding-top: 0;
  }
  section {
    margin-top: 1.75rem;
  }
  h2,
  caption {
    break-after: avoid;
  }
  figure,
  .facts,
  tr {
    break-inside: avoid;
  }
  .scroll {
    overflow: visible;
  }
}
@media (min-width: 48rem) {
  .beside {
    grid-template-columns: minmax(0, 5fr) minmax(0, 6fr);
    align-items: start;
  }
}
`.trim();
