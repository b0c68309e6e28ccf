// What the page of a training adds to the style of all reports.

export const TRAINING_STYLE = `
h1 {
  overflow-wrap: anywhere;
}
.notes {
  padding: clamp(1rem, 3vw, 1.5rem);
  border-left: 4px solid var(--accent);
  background: var(--raised);
}
.notes.calm {
  border-left-color: var(--plot-1);
}
.notes h2 {
  font-size: 1.25rem;
}
.notes ul {
  margin: 0;
  padding-left: 1.1rem;
}
.notes li {
  max-width: 48rem;
}
.notes li + li {
  margin-top: 0.5rem;
}
.notes p:last-child {
  margin: 0;
}
.uses {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 100%), 1fr));
  gap: 1.5rem clamp(1rem, 3vw, 2rem);
  margin-top: 1.5rem;
}
#numbers ~ .scroll + .scroll {
  margin-top: 2.5rem;
}
tbody tr:last-child > * {
  font-weight: inherit;
}
pre {
  margin: 0 0 1rem;
  padding: 0.9rem 1rem;
  overflow-x: auto;
  background: var(--raised);
  line-height: 1.5;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
.flag {
  white-space: nowrap;
}
.id {
  overflow-wrap: anywhere;
}
.settings {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 100%), 1fr));
  gap: 0.75rem 2rem;
  margin: 1.5rem 0 0;
}
.settings dt {
  color: var(--soft);
  font-size: 0.9375rem;
}
.settings dd {
  margin: 0;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
@media (min-width: 48rem) {
  .uses {
    grid-template-columns: repeat(4, 1fr);
  }
}
@media print {
  .uses {
    grid-template-columns: repeat(4, 1fr);
    gap: 1rem;
  }
}
`;
