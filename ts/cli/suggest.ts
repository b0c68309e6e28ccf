// "Did you mean ...?" for values that are one of a few words, as commander says it for commands and options.
import { type Command, InvalidArgumentError } from 'commander';

/** Edits that a slip of the fingers makes: more, and it is another word. */
const MOST_EDITS = 3;

/** Options and arguments with choices, of all commands, suggest the nearest one. */
export function suggestChoices(program: Command): void {
  for (const { options, registeredArguments } of program.commands) {
    for (const option of options) if (option.argChoices !== undefined) option.argParser(oneOf(option.argChoices));
    for (const argument of registeredArguments) if (argument.argChoices !== undefined) argument.argParser(oneOf(argument.argChoices));
  }
}

function oneOf(choices: readonly string[]): (value: string) => string {
  return (value) => {
    if (choices.includes(value)) return value;
    const near = nearest(value, choices);
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.${near === undefined ? '' : ` (Did you mean ${near}?)`}`);
  };
}

/**
 * The error for the first option in the words that the command does not have, or undefined. That a required option is missing mostly means
 * that it was misspelt.
 */
export function unknownOption({ options }: Command, words: readonly string[]): string | undefined {
  const known = ['--help', ...options.flatMap(({ long }) => long ?? [])];
  const end = words.indexOf('--');
  const flags = words.slice(0, end < 0 ? undefined : end).flatMap((word) => /^--[^=]+/.exec(word)?.[0] ?? []);
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, known);
  return `unknown option '${unknown}'${near === undefined ? '' : ` (Did you mean ${near}?)`}`;
}

/** The word that takes the fewest edits, where they are few for its length. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.min(MOST_EDITS, Math.ceil(word.length / 2)) + 1;
  for (const candidate of words) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that make `b` of `a` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
