// The arrows between folders, read from the imports: none points back.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectPath } from './support/data.ts';

const root = projectPath('ts');

/** What each room may import from, besides itself. 'verbs' are the files beside ts/index.ts. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  kmeans: ['model'],
  streams: ['model', 'kmeans'],
  codec: ['model'],
  reference: ['model', 'kmeans', 'codec', 'streams'],
  engine: ['model', 'kmeans', 'pkg'],
  verbs: ['model', 'kmeans', 'codec', 'engine', 'streams'],
  formats: ['model'],
  pool: ['model', 'kmeans', 'codec', 'engine', 'streams', 'verbs'],
  node: ['model', 'formats', 'verbs', 'pool'],
  web: ['model', 'pool'],
  slim: ['verbs', 'engine', 'pool', 'web'],
  report: ['model'],
  cli: ['model', 'kmeans', 'formats', 'report', 'node', 'verbs', 'reference', 'manifest'],
};

/** The files outside ts/ that may be imported. */
const OUTSIDE: Record<string, string> = {
  '../crate/pkg/rvq_core_bg.wasm': 'pkg',
  '../crate/pkg/rvq_core.js': 'pkg',
  '../package.json': 'manifest',
};

/** Packages that may be imported, by room; node: means any module of Node. */
const MAY_USE: Record<string, readonly string[]> = {
  model: ['@noble/hashes'],
  formats: ['fflate'],
  node: ['node:', 'hyparquet', 'apache-arrow'],
  cli: ['node:', 'commander'],
};

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gms)].map((match) => match[1] ?? match[2]);
}

const roomOf = (file: string): string => (file.includes('/') ? file.split('/')[0] : 'verbs');

describe('imports', () => {
  it('are found', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it.each(files)('of %s keep to the layers', (file) => {
    const room = roomOf(file);
    expect(Object.keys(MAY_IMPORT)).toContain(room);
    for (const target of importsOf(file)) {
      if (target.startsWith('.')) {
        const path = posix.join(dirname(file), target);
        const other = OUTSIDE[path] ?? roomOf(path);
        if (other !== room) expect(MAY_IMPORT[room], `${file} imports ${target}`).toContain(other);
      } else {
        const allowed = MAY_USE[room] ?? [];
        expect(
          allowed.some((name) => target.startsWith(name)),
          `${file} imports ${target}`,
        ).toBe(true);
      }
    }
  });

  it('say WebAssembly in the engine alone', () => {
    const others = files.filter((file) => roomOf(file) !== 'engine' && /new WebAssembly|\.wasm'/.test(readFileSync(join(root, file), 'utf8')));
    expect(others).toEqual([]);
  });
});

describe('the crate', () => {
  const crate = projectPath('crate/src');
  const sources = readdirSync(crate, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.rs'));

  it.each(sources)('%s keeps to the layers', (file) => {
    const text = readFileSync(join(crate, file), 'utf8');
    const uses = [...text.matchAll(/\bcrate::(\w+)/g)].map((match) => match[1]);
    if (file.startsWith('kernels/')) expect(uses).toEqual([]);
    if (file.startsWith('quantizer/')) expect(uses.filter((name) => name !== 'kernels' && name !== 'quantizer')).toEqual([]);
    const unsafe = /\bunsafe (?:\{|fn|impl)/.test(text);
    expect(unsafe).toBe(['boundary.rs', 'kernels/simd.rs'].includes(file));
  });
});
