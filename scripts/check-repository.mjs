// Whether package.json says where the sources are. npm takes a package with provenance only where `repository.url` is the repository whose CI built it.
//   node scripts/check-repository.mjs [folder]                 a note where it is missing
//   node scripts/check-repository.mjs --publishing [folder]    fails there, and where the CI builds from another repository
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const publishing = process.argv.includes('--publishing');
const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? fileURLToPath(new URL('..', import.meta.url));
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, CI_PROJECT_URL } = process.env;

/** Where the CI builds from: of GitHub or GitLab, the two that npm knows. */
const built = GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}` : CI_PROJECT_URL || undefined;
const { repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const told = typeof repository === 'string' ? repository : repository?.url;

const problem = problemOf(told, built);
if (problem !== undefined) {
  console.error(`${publishing ? '' : 'note: '}${problem}`);
  console.error(`  npm pkg set repository.type=git repository.url=git+${built ?? 'https://HOST/OWNER/NAME'}.git`);
}
process.exit(publishing && problem !== undefined ? 1 : 0);

function problemOf(url, expected) {
  if (!url) return 'package.json: repository: missing; npm refuses to publish with provenance without it. Set it and commit it:';
  if (expected && bare(url) !== bare(expected))
    return `package.json: repository.url: expected ${expected}, from where the CI builds, got ${url}; npm refuses that:`;
  return undefined;
}

/** As npm compares them. */
function bare(url) {
  return url
    .replace(/^git\+/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}
