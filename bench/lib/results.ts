// What a benchmark leaves behind: its results as JSON.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import type { Contender } from './race.ts';
import type { Shape } from './shapes.ts';

export type Work = 'encode' | 'decode' | 'train' | 'nearest' | 'k-means';

/** The same work, done in turn by one contender or more; ours comes first. */
export interface Race {
  readonly work: Work;
  readonly shape: Shape;
  readonly contenders: readonly Contender[];
  /** How the answers were found to be right. */
  readonly check: string;
}

/** One number that is held against a limit. */
export interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'bytes';
  /** The value should stay below. */
  readonly limit: number;
}

export interface Results {
  readonly machine: Machine;
  /** When it was run, as an ISO date. */
  readonly date: string;
  /** A short run: its figures are not to be quoted. */
  readonly quick: boolean;
  /** What we were measured against, and which version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly races: readonly Race[];
  readonly facts: readonly Fact[];
}

/** Where results lie: bench/out is not committed, bench/results is. */
export const FILES = {
  bench: fileURLToPath(new URL('../out/bench.json', import.meta.url)),
  keptBench: fileURLToPath(new URL('../results/bench.json', import.meta.url)),
  peers: fileURLToPath(new URL('../out/peers.json', import.meta.url)),
  keptPeers: fileURLToPath(new URL('../results/peers.json', import.meta.url)),
  quantizers: fileURLToPath(new URL('../out/quantizers.json', import.meta.url)),
  keptQuantizers: fileURLToPath(new URL('../results/quantizers.json', import.meta.url)),
} as const;

/** Results of the peers on other machines: bench/results/peers-NAME.json. */
export function keptOthers(): string[] {
  const folder = dirname(FILES.keptPeers);
  return readdirSync(folder)
    .filter((name) => /^peers-.+\.json$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

export function writeResults(path: string, results: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${resultsText(results)}\n`);
}

/** @throws Error where they are of a short run */
export function readResults(path: string): Results {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results;
  if (results.quick) throw new Error(`${path}: expected results of a full run, got those of a quick one`);
  return results;
}

/** JSON with each list of numbers on one line. */
function resultsText(results: object): string {
  return JSON.stringify(results, null, 2).replace(/\[[\s\d.,e-]+\]/g, (list) => list.replace(/\s+/g, ' '));
}
