// Gives what CHANGELOG.md tells under Unreleased the version of package.json and a date. Run by `npm run release:version`.
//   node scripts/release-changelog.mjs [FOLDER]   FOLDER: of both files, by default the project
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder = fileURLToPath(new URL('..', import.meta.url))] = process.argv.slice(2);
const path = join(folder, 'CHANGELOG.md');
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const text = readFileSync(path, 'utf8');
const [, unreleased] = /^## \[Unreleased\]\n([\s\S]*?)(?=^## )/m.exec(text) ?? [];

if (unreleased === undefined) fail('no section "## [Unreleased]" before another one');
if (text.includes(`\n## [${version}]`)) fail(`there is a section for ${version} already: nothing raised the version`);
if (unreleased.trim() === '') fail('nothing is told under Unreleased');
const date = new Date().toISOString().slice(0, 10);
writeFileSync(path, text.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [${version}] - ${date}\n`));

function fail(message) {
  console.error(`CHANGELOG.md: ${message}`);
  process.exit(1);
}
