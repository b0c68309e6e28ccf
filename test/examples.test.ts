// What the README and the examples show is what happens.
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, exports as entries } from '../package.json';
import * as rootEntry from '../ts/index.ts';
import * as nodeEntry from '../ts/node/index.ts';
import { codecPath } from './support/codecs.ts';
import { linkPackage, node, run, tsc, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { temporaryFolder } from './support/files.ts';

const readme = readFileSync(projectPath('README.md'), 'utf8');

interface Program {
  readonly section: string;
  readonly source: string;
  /** The lines that it should print: what stands behind `// =>`. */
  readonly output: readonly string[];
}

/** The blocks of one language in a text. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]);
}

/** The ```ts blocks of each section (##) are one program. */
function programs(text: string): Program[] {
  return text.split(/^## /m).flatMap((part) => {
    const source = blocks(part, 'ts').join('\n');
    const output = [...source.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]);
    return source === '' ? [] : [{ section: part.slice(0, part.indexOf('\n')), source, output }];
  });
}

describe.each([
  { name: 'README.md', least: 5 },
  { name: 'docs/streaming.md', least: 3 },
])('$name', ({ name, least }) => {
  it('shows programs that compile and print what it says', async () => {
    const folder = temporaryFolder();
    linkPackage(folder);
    mkdirSync(join(folder, 'mimi')); // the model that an example reads
    copyFileSync(codecPath('mimi'), join(folder, 'mimi/model.safetensors'));
    const all = programs(readFileSync(projectPath(name), 'utf8'));
    expect(all.length).toBeGreaterThanOrEqual(least);
    for (const { section, output } of all) expect(output, `output of "${section}"`).not.toEqual([]);
    const files = Object.fromEntries(all.map(({ source }, i) => [`program${i}.mts`, source]));
    writeFiles(folder, files);
    await tsc(folder, { module: 'nodenext', lib: ['ES2022', 'DOM'] });
    const printed = await Promise.all(all.map((_, i) => node([`program${i}.mjs`], folder)));
    expect(all.map(({ section }, i) => ({ section, output: printed[i].trimEnd().split('\n') }))).toEqual(
      all.map(({ section, output }) => ({ section, output })),
    );
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
