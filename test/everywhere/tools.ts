// What the package is tried with, by the name in the scratch project: exact versions, so that a run today and one in a year do the same.
import { devDependencies } from '../../package.json';

const platform = `${process.platform}-${process.arch}`;

/** Programs of Node by major version: npm has them by platform. */
export const NODES = ['node20', 'node22', 'node24', 'node26'] as const;

/** Compilers whose programs may import the types. */
export const COMPILERS = ['typescript56', 'typescript59', 'typescript60', 'typescript70'] as const;

export const TOOLS: Readonly<Record<string, string>> = {
  node20: `npm:node-${platform}@20.20.2`,
  node22: `npm:node-${platform}@22.23.3`,
  node24: `npm:node-${platform}@24.21.0`,
  node26: `npm:node-${platform}@26.10.0`,
  deno: '2.9.6',
  bun: '1.4.5',
  workerd: '1.20261117.1',
  esbuild: '0.28.2',
  webpack: '5.112.2',
  vite: '8.3.8',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  typescript56: 'npm:typescript@5.6.3',
  typescript59: 'npm:typescript@5.9.3',
  typescript60: 'npm:typescript@6.0.3',
  typescript70: 'npm:typescript@7.0.2',
  'puppeteer-core': '24.43.1', // drives Firefox as Debian has it, which Playwright does not
  vitest: '4.1.12',
  '@vitest/browser-playwright': '4.1.12',
  playwright: '1.64.1',
  '@noble/hashes': devDependencies['@noble/hashes'], // bundled in the package; the sources beside the tests of parity import it
};
