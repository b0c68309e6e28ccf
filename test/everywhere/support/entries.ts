// The package's entries, read from its manifest: one that is added is tried everywhere by itself.
import { exports as entries, name } from '../../../package.json';

/** Loaded by Node alone, or by a worker alone. */
const SPECIAL: readonly string[] = [`${name}/node`, `${name}/worker`];

/** All entries that are scripts, as programs name them. */
export const SCRIPTS: readonly string[] = Object.entries(entries).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [path.replace('.', name)],
);

/** Those that browsers load. */
export const NEUTRAL = SCRIPTS.filter((entry) => !SPECIAL.includes(entry));

/** A module whose `names()` gives what each of them exports, and so imports them all. */
export function entriesModule(): string {
  const imports = NEUTRAL.map((entry, i) => `import * as entry${i} from '${entry}';`);
  const list = NEUTRAL.map((entry, i) => `['${entry}', entry${i}]`);
  return `// Written by the tests.
${imports.join('\n')}
export const names = () => [${list.join(', ')}].map(([entry, exports]) => [entry, ...Object.keys(exports).sort()].join(' '));
`;
}
