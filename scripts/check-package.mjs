// Looks at what npm would publish: its size and files, its types as resolvers see them, and what the entries for browsers are made of.
//   node scripts/check-package.mjs   after npm run build; packs to a temporary folder
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARBALL_BYTES = 400_000;
const WASM_BYTES = 100_000;
/** Everything that may be in the package, besides what lies in dist. */
const FILES = ['README.md', 'LICENSE', 'package.json'];
/** The entries that bring the module; all that are not listed here or below must do without. */
const WITH_CORE = ['.', './pool'];
/** The entries that browsers do not load. */
const NODE_ONLY = ['./node'];
/** What stands for the module where a runtime imports it, by the condition. */
const IMPORTED_CORE = { workerd: './rvq_core.wasm', 'edge-light': './rvq_core.wasm?module' };
/** The module as the build inlines it (scripts/variants.ts): base64 of its bytes, deflated. No other text is as long. */
const INLINED = /[A-Za-z0-9+/]{20000,}=*/g;

const problems = [];
const traces = machineTraces();
const work = mkdtempSync(join(tmpdir(), 'rvq-package-'));
try {
  const { tarball, files } = pack();
  const folder = join(work, 'package');
  execFileSync('tar', ['-xzf', tarball, '-C', work]);
  checkSize(tarball);
  checkNames(files);
  checkEntries(folder);
  checkTexts(folder, files);
  runTool('publint', ['run', tarball, '--strict']);
  // node16: import and require from Node, and bundlers. What is left out is node10, which knows no "exports".
  runTool('attw', [tarball, '--profile', 'node16', '--no-definitely-typed', '--exclude-entrypoints', './rvq_core.wasm']);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

function pack() {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', work];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { tarball: join(work, filename), files: files.map(({ path }) => path) };
}

function checkSize(tarball) {
  const bytes = statSync(tarball).size;
  if (bytes >= TARBALL_BYTES) problems.push(`the tarball has ${bytes} bytes, expected fewer than ${TARBALL_BYTES}`);
  console.log(`tarball: ${bytes} bytes`);
}

function checkNames(files) {
  for (const name of FILES) if (!files.includes(name)) problems.push(`${name} is not in the package`);
  const odd = files.filter((name) => !FILES.includes(name) && !/^dist\/(?:[^/]+\.(?:d\.)?c?[jt]s|rvq_core\.wasm)$/.test(name));
  if (odd.length > 0) problems.push(`in the package, but not expected there: ${odd.join(', ')}`);
  console.log(`files: ${files.length}`);
}

/** Loads as it is anywhere: what these entries reach is in the package itself, asks for no file and waits for nothing. */
function checkEntries(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const committed = readFileSync(join(ROOT, 'crate/pkg/rvq_core_bg.wasm'));
  if (committed.length >= WASM_BYTES) problems.push(`the .wasm has ${committed.length} bytes, expected fewer than ${WASM_BYTES}`);
  if (!readFileSync(join(folder, exports['./rvq_core.wasm'])).equals(committed))
    problems.push('./rvq_core.wasm: not that of crate/pkg: run npm run build');
  for (const [entry, conditions] of Object.entries(exports)) {
    if (typeof conditions === 'string' || NODE_ONLY.includes(entry)) continue;
    for (const [condition, { default: path }] of Object.entries(conditions)) {
      const graph = reach(folder, join(folder, path), IMPORTED_CORE[condition]);
      const modules = [...graph.values()].flatMap((text) => text.match(INLINED) ?? []);
      const expected = WITH_CORE.includes(entry) && IMPORTED_CORE[condition] === undefined ? 1 : 0;
      if (modules.length !== expected) problems.push(`${entry}, ${condition}: ${modules.length} WebAssembly modules inlined, expected ${expected}`);
      for (const module of modules) {
        const bytes = inflateRawSync(Buffer.from(module, 'base64'));
        if (!bytes.equals(committed)) problems.push(`${entry}: holds another .wasm than crate/pkg: run npm run build`);
        checkText(`${entry}, its .wasm`, bytes.toString('latin1'));
      }
      console.log(`${entry}, ${condition}: ${graph.size} files`);
    }
  }
  console.log(`.wasm: ${committed.length} bytes`);
}

/**
 * The texts of a file and of all that it imports, by path.
 *
 * @param allowed what it may import from elsewhere
 */
function reach(folder, path, allowed, graph = new Map()) {
  if (graph.has(path)) return graph;
  const text = readFileSync(path, 'utf8');
  graph.set(path, text);
  const name = relative(folder, path);
  const found = inspect(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  for (const what of found.traps) problems.push(`${name}: ${what}`);
  for (const specifier of found.imports) {
    if (specifier === allowed) continue;
    if (specifier.startsWith('./')) reach(folder, join(dirname(path), specifier), allowed, graph);
    else problems.push(`${name}: imports ${specifier}`);
  }
  return graph;
}

/** What a file imports, and what in it some bundler or page would trip over. */
function inspect(source) {
  const imports = [];
  const traps = new Set();
  const visit = (node, inFunction) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) imports.push(node.moduleSpecifier.text);
    if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const loads = callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
      const [argument] = node.arguments;
      if (loads && argument) imports.push(ts.isStringLiteralLike(argument) ? argument.text : `what ${argument.getText()} names`);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'URL') traps.add('new URL(...), which bundlers take for a file');
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) traps.add('import.meta');
    const waits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (waits && !inFunction) traps.add('top-level await');
    const inside = inFunction || ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, false);
  return { imports, traps };
}

/** No trace of the machine that packed it, nor of where its packages came from. */
function checkTexts(folder, files) {
  for (const name of files) checkText(name, readFileSync(join(folder, name), 'latin1').replace(INLINED, ''));
}

function checkText(name, text) {
  for (const trace of traces) if (text.includes(trace)) problems.push(`${name}: holds ${JSON.stringify(trace)}`);
}

function machineTraces() {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const folders = [ROOT, homedir(), tmpdir()].map((path) => path.replace(/[\\/]*$/, '/')).filter((path) => path.length > 3);
  return [...new Set([...folders, '/home/', '/Users/', '\\Users\\', new URL(registry.trim()).host])];
}

function runTool(name, args) {
  try {
    execFileSync(join(ROOT, 'node_modules/.bin', name), args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    console.log(`${name}: nothing to complain about`);
  } catch (error) {
    problems.push(`${name}:\n${error.stdout}${error.stderr}`);
  }
}
