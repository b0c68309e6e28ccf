// What is held against a limit: first call, sizes, memory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Codebook } from 'residual-vq';
import { WrongAnswer } from '../lib/check.ts';
import { runChild } from '../lib/child.ts';
import type { Fact } from '../lib/results.ts';
import { MIDDLE, type Shape } from '../lib/shapes.ts';
import { summarize } from '../lib/statistics.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The smallest codebook that is one, and the one in the middle, which has to be packed for the kernels first. */
const FIRST_CALLS: readonly (readonly [string, Shape])[] = [
  ['first call after import, 3 x 8, d 2', { dim: 2, stages: 3, codewords: 8, beam: 1 }],
  ['first call after import, 8 x 256, d 128', MIDDLE],
];

/** Milliseconds of the first encode after import: compiles, instantiates, places the codebook, encodes one row. Median of fresh processes. */
export async function firstCalls(processes: number): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const [name, shape] of FIRST_CALLS) {
    const milliseconds: number[] = [];
    for (let i = 0; i < processes; i++) milliseconds.push((await runChild<{ first: number }>('first-call', shape)).first);
    facts.push({ name, value: Number(summarize(milliseconds).median.toFixed(2)), unit: 'ms', limit: 20 });
  }
  return facts;
}

/** Bytes of the .wasm file, and of what `npm publish` would send. */
export function packageSizes(): Fact[] {
  const wasm = statSync(join(ROOT, 'crate/pkg/rvq_core_bg.wasm')).size;
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ size }] = JSON.parse(output.toString()) as { size: number }[];
  return [
    { name: '.wasm', value: wasm, unit: 'bytes', limit: 100_000 },
    { name: 'npm tarball', value: size, unit: 'bytes', limit: 400_000 },
  ];
}

/** How far encoding many rows grows the core's memory, codebook included. */
export async function memoryGrowth(codebook: Codebook, rows: number): Promise<Fact[]> {
  const folder = mkdtempSync(join(tmpdir(), 'residual-vq-bench-'));
  try {
    const path = join(folder, 'codebook.f32');
    writeFileSync(path, codebook.data);
    const run = await runChild<{ bytesAtFirst: number; bytesAtLast: number; repeats: boolean }>('memory', { path, rows });
    if (!run.repeats) throw new WrongAnswer('memory: equal rows got different codes');
    const name = `WebAssembly memory grown by encoding ${rows.toLocaleString('en-US')} rows of 128`;
    return [{ name, value: run.bytesAtLast - run.bytesAtFirst, unit: 'bytes', limit: 16_000_000 }];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
