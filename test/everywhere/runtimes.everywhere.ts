// Runtimes outside the browser do all that Node does, with the same codes.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../support/consumer.ts';
import { expected } from './support/expected.ts';
import { scratch, tool } from './support/scratch.ts';
import { NODES } from './tools.ts';

const programs = join(scratch, 'programs');

async function outputOf(command: string, args: readonly string[]): Promise<unknown> {
  return JSON.parse(await run(command, args, programs));
}

it('the expected codes are those of the reference', () => {
  expect(expected.root.codes).toHaveLength(1500);
  expect(expected.reference).toEqual(expected.root);
  expect(expected.slim).toEqual(expected.root);
});

describe.each(NODES)('%s', (name) => {
  const node = tool(`${name}/bin/node`);

  it('is what it is called', async () => {
    expect(await run(node, ['--version'], scratch)).toMatch(new RegExp(`^v${name.slice(4)}\\.`));
  });

  it.each(['runtime.mjs', 'runtime.cjs'])('runs %s', async (program) => {
    expect(await outputOf(node, [program])).toEqual(expected);
  });
});

describe('Deno', () => {
  it.each([[[]], [['workers']]])('runs runtime.mjs %j', async (args) => {
    expect(await outputOf(tool('.bin/deno'), ['run', '--quiet', '--no-remote', '--allow-all', 'runtime.mjs', ...args])).toEqual(expected);
  });
});

describe('Bun', () => {
  it.each([[[]], [['workers']]])('runs runtime.mjs %j', async (args) => {
    expect(await outputOf(tool('bun/bin/bun.exe'), ['runtime.mjs', ...args])).toEqual(expected);
  });
});
