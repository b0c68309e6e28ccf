// What a release is made of besides the package: its version, and what the changelog tells of it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json';
import { node, run, writeFiles } from './support/consumer.ts';
import { projectPath } from './support/data.ts';
import { temporaryFolder } from './support/files.ts';

const CHANGELOG = `# Changelog

How it is written.

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-01-01

- The first.
`;

/** Runs the script on these two files, and returns what becomes of the changelog. */
async function released(changelog: string, version: string): Promise<string> {
  const folder = temporaryFolder();
  writeFiles(folder, { 'CHANGELOG.md': changelog, 'package.json': JSON.stringify({ version }) });
  await node([projectPath('scripts/release-changelog.mjs'), folder], folder);
  return readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
}

describe('the changelog', () => {
  it('tells of the version that the package has', () => {
    const sections = [...readFileSync(projectPath('CHANGELOG.md'), 'utf8').matchAll(/^## \[(.*?)\]/gm)].map((match) => match[1]);
    expect(sections.find((name) => name !== 'Unreleased')).toBe(manifest.version);
  });

  it('gets a section for what was not released, and nothing else changes', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const text = await released(CHANGELOG, '0.2.0');
    expect(text).toBe(CHANGELOG.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [0.2.0] - ${today}\n`));
  });

  it.each([
    ['the version was not raised', CHANGELOG, '0.1.0', /a section for 0\.1\.0 already/],
    ['there is nothing to tell', CHANGELOG.replace('### Added\n\n- A thing.\n', ''), '0.2.0', /nothing is told under Unreleased/],
    ['there is no such section', CHANGELOG.replace('[Unreleased]', '[Next]'), '0.2.0', /no section "## \[Unreleased\]"/],
  ])('is left alone where %s', async (_, changelog, version, message) => {
    await expect(released(changelog, version)).rejects.toThrow(message);
  });
});

describe('changesets', () => {
  it('know the package and raise its version', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'package.json': JSON.stringify({ name: manifest.name, version: '1.2.3' }),
      '.changeset/config.json': readFileSync(projectPath('.changeset/config.json'), 'utf8'),
      '.changeset/a-change.md': `---\n'${manifest.name}': minor\n---\n\nA thing.\n`,
    });
    await run('git', ['init', '--quiet', '--initial-branch=main'], folder);
    await node([projectPath('node_modules/@changesets/cli/bin.js'), 'version'], folder);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version).toBe('1.3.0');
  });
});

describe('publishing', () => {
  it('is public, says where the package was built, and comes after every check', () => {
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
    expect(manifest.scripts.prepublishOnly).toBe('npm run check:repository -- --publishing && npm run release:check');
    const steps = manifest.scripts['release:check'].split(' && ').map((step) => step.replace(/^npm (?:run )?/, ''));
    expect(steps).toEqual(['check', 'lint', 'test', 'check:package', 'size', 'test:everywhere', 'test:playground', 'check:repository']);
  });

  it('is done by a workflow that may ask for an identity, and looks at the repository first', () => {
    const workflow = readFileSync(projectPath('.github/workflows/release.yml'), 'utf8');
    expect(workflow).toMatch(/^ {2}id-token: write/m);
    const steps = [...workflow.matchAll(/- run: (.*)$/gm)].map((match) => match[1]);
    expect(steps.slice(-4)).toEqual(['node scripts/check-repository.mjs --publishing', 'npm ci', 'npm run release:publish', 'git push --tags']);
  });
});

describe('the repository that package.json names', () => {
  const OURS = 'https://github.com/someone/residual-vq';

  /** What the check says of a manifest, as an error where it fails. */
  function checked(args: readonly string[], repository: unknown, environment: Readonly<Record<string, string>> = {}): string {
    const folder = temporaryFolder();
    writeFiles(folder, { 'package.json': JSON.stringify({ repository }) });
    const env = { ...process.env, GITHUB_REPOSITORY: '', CI_PROJECT_URL: '', ...environment };
    const { status, stderr } = spawnSync(process.execPath, [projectPath('scripts/check-repository.mjs'), ...args, folder], { env, encoding: 'utf8' });
    return `${status} ${stderr}`;
  }

  it('is noted where it is missing, and has to be there for publishing', () => {
    expect(checked([], undefined)).toMatch(
      /^0 note: package\.json: repository: missing; .*\n {2}npm pkg set repository\.type=git repository\.url=git\+https:/,
    );
    expect(checked(['--publishing'], undefined)).toMatch(/^1 package\.json: repository: missing;/);
    expect(checked(['--publishing'], { type: 'git', url: `git+${OURS}.git` })).toBe('0 ');
  });

  it('has to be the one that the CI builds from', () => {
    const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'someone/residual-vq' };
    expect(checked(['--publishing'], { url: `git+${OURS}.git` }, github)).toBe('0 ');
    expect(checked(['--publishing'], OURS, { CI_PROJECT_URL: OURS })).toBe('0 ');
    expect(checked(['--publishing'], { url: 'git+https://github.com/else/where.git' }, github)).toMatch(
      /^1 .*expected https:\/\/github\.com\/someone\/residual-vq, .*\n {2}npm pkg set .*url=git\+https:\/\/github\.com\/someone\/residual-vq\.git/,
    );
  });
});
