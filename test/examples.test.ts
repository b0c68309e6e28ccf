// What the README and the examples show is what happens.
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, exports as entries } from '../package.json';
import * as rootEntry from '../ts/index.ts';
import * as nodeEntry from '../ts/node/index.ts';
import { codecPath } from './support/codecs.ts';
import { linkPackage, node, run, tsc, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { BROWSER_PROGRAMS, blocks, browserPrograms, NODE_DOCUMENTS, nodePrograms, readDocument } from './support/documents.ts';
import { temporaryFolder } from './support/files.ts';

const readme = readDocument('README.md');

/** Beside the package, in the folder of the programs: what some of them import and read. */
const BESIDE = ['@types/node', 'apache-arrow', 'hyparquet'];
const FILES = {
  'mimi/model.safetensors': codecPath('mimi'),
  'vectors.arrow': tablePath('fixed.arrow'),
  'vectors.parquet': tablePath('plain.parquet'),
};

function tablePath(name: string): string {
  return projectPath(`test/fixtures/tables/${name}`);
}

describe.each(NODE_DOCUMENTS)('%s', (name) => {
  it('shows programs that compile and print what it says', async () => {
    const folder = temporaryFolder();
    linkPackage(folder);
    for (const beside of BESIDE) {
      mkdirSync(dirname(join(folder, 'node_modules', beside)), { recursive: true });
      symlinkSync(projectPath(`node_modules/${beside}`), join(folder, 'node_modules', beside), 'junction');
    }
    for (const [file, source] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      copyFileSync(source, join(folder, file));
    }
    const all = nodePrograms(readDocument(name));
    expect(all.length).toBeGreaterThanOrEqual(3);
    for (const { section, output } of all) expect(output, `output of "${section}"`).not.toEqual([]);
    const files = Object.fromEntries(all.map(({ source }, i) => [`program${i}.mts`, source]));
    writeFiles(folder, files);
    // the types of other packages are not ours to check
    await tsc(folder, {
      module: 'nodenext',
      lib: ['ES2022', 'DOM'],
      ...(name === 'docs/examples.md' ? { types: ['node'], skipLibCheck: true } : {}),
    });
    const printed = await Promise.all(all.map((_, i) => node([`program${i}.mjs`], folder)));
    expect(all.map(({ section }, i) => ({ section, output: printed[i].trimEnd().split('\n') }))).toEqual(
      all.map(({ section, output }) => ({ section, output })),
    );
  });
});

describe('every function', () => {
  const programs = [
    ...NODE_DOCUMENTS.flatMap((name) => nodePrograms(readDocument(name)).map(({ source }) => source)),
    ...BROWSER_PROGRAMS.map(({ document, program }) => browserPrograms(readDocument(document))[program]),
  ];

  /** Whether a program that a test runs imports the function of this entry and calls it. */
  function isShown(entry: string, name: string): boolean {
    return programs.some((program) => {
      const imported = [...program.matchAll(/^import \{([^}]*)\} from '([^']+)'/gm)].filter(([, , from]) => from === entry);
      const names = imported.flatMap(([, list]) => list.split(',').map((one) => one.trim().split(' as ')));
      const called = names.find(([one]) => one === name)?.at(-1);
      return called !== undefined && new RegExp(`\\b${called}\\(`).test(program);
    });
  }

  it.each(Object.keys(entries).filter((entry) => !/json|wasm|worker/.test(entry)))('of %s has an example that a test runs', async (entry) => {
    const name = entry.replace('.', 'residual-vq');
    const exported = Object.entries((await import(/* @vite-ignore */ name)) as Record<string, unknown>);
    const functions = exported.filter(([one, value]) => typeof value === 'function' && one !== 'RvqError').map(([one]) => one);
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter((one) => !isShown(name, one))).toEqual([]);
  });
});

describe('the README', () => {
  it('shows commands that work', async () => {
    const commands = blocks(readme, 'sh').flatMap((block) => block.match(/^rvq .*$/gm) ?? []);
    expect(commands.map((command) => command.split(' ')[1])).toEqual(['train', 'encode', 'decode', 'eval', 'info', 'compare', 'completion']);
    const folder = temporaryFolder();
    const tools = join(folder, 'bin');
    mkdirSync(tools);
    symlinkSync(projectPath(bin.rvq), join(tools, 'rvq'));
    const { data } = rootEntry.randomCodebook({ dim: 16, stages: 1, codewords: 3000, seed: 1 });
    await nodeEntry.writeVectors(join(folder, 'vectors.fvecs'), rootEntry.matrix(data, 16));
    for (const command of commands) await run('sh', ['-c', command], folder, [tools]);
  });

  it('tells of every function, entry and kind of error', () => {
    const functions = [...Object.keys(rootEntry), ...Object.keys(nodeEntry)];
    expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
    const names = Object.keys(entries).filter((name) => name !== './package.json');
    expect(names.map((name) => name.replace('.', 'residual-vq')).filter((name) => !readme.includes(name))).toEqual([]);
    const codes = readFileSync(projectPath('ts/model/errors.ts'), 'utf8').match(/(?<=^ {2}\| ')\w+(?=')/gm) ?? [];
    expect(codes.length).toBeGreaterThan(10);
    expect(readme.match(/(?<=^\| `)[A-Z_]+(?=` )/gm)).toEqual(codes);
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(() => readFileSync(projectPath(link)), link).not.toThrow();
  });
});

describe('examples/notebook.ts', () => {
  it('loses much with random codebooks, little with trained ones, and leaves the vector alone', async () => {
    expect(readme).toContain('npx tsx examples/notebook.ts');
    const output = await run('npx', ['--no-install', 'tsx', 'examples/notebook.ts'], projectPath('.'));
    expect(output).toMatch(/^x = \[2\.500, -1\.300\]$/m);
    expect(output.match(/^ *stage \d: index \d, codeword \[.*\], residual \[.*\]$/gm)).toHaveLength(6);
    const [random, trained] = [...output.matchAll(/decode adds the codewords up: .*, error ([\d.]+)$/gm)].map((match) => Number(match[1]));
    expect(random).toBeGreaterThan(0.5);
    expect(trained).toBeLessThan(0.2);
    expect(output.trimEnd()).toMatch(/^x is still \[2\.500, -1\.300\]$/m);
  });
});
