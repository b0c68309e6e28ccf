// The programs that the documents show, so that tests can run them.
import { readFileSync } from 'node:fs';
import { projectPath } from './data.ts';

/** Documents whose ```ts blocks run in Node, each section (##) a program; test/examples.test.ts does it. */
export const NODE_DOCUMENTS = ['README.md', 'docs/examples.md', 'docs/streaming.md'] as const;

/** Programs for browsers: their document, the file that they are called there, and what the page then says; test/everywhere runs them. */
export const BROWSER_PROGRAMS = [
  { document: 'docs/workers.md', program: 'main.js', text: '500 rows, 4 codes each' },
  { document: 'docs/workers.md', program: 'slim.js', text: '500 rows' },
  { document: 'README.md', program: 'slim.js', text: undefined }, // the codes of a row
] as const;

export interface Program {
  readonly section: string;
  readonly source: string;
  /** The lines that it should print: what stands behind `// =>`. */
  readonly output: readonly string[];
}

export function readDocument(name: string): string {
  return readFileSync(projectPath(name), 'utf8');
}

/** The blocks of one language in a text. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]);
}

/** The ```ts blocks of each section (##) are one program. */
export function nodePrograms(text: string): Program[] {
  return text.split(/^## /m).flatMap((part) => {
    const source = blocks(part, 'ts').join('\n');
    const output = [...source.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]);
    return source === '' ? [] : [{ section: part.slice(0, part.indexOf('\n')), source, output }];
  });
}

/** The programs for browsers, by the file that the first line of their block names. */
export function browserPrograms(text: string): Record<string, string> {
  return Object.fromEntries(
    blocks(text, 'js').flatMap((block) => {
      const name = /^\/\/ (\S+)\n/.exec(block)?.[1];
      return name === undefined ? [] : [[name, block.slice(block.indexOf('\n') + 1)]];
    }),
  );
}
