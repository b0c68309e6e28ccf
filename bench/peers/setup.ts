// Makes what the rivals need, in this folder: node_modules of package-lock.json, and a Python environment of requirements.txt.
// Does nothing where both are there already.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ENVIRONMENT = join(FOLDER, '.venv');

/** The Python of the environment, with faiss in it. */
export const PYTHON = join(ENVIRONMENT, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** @param note told what is being done, as it may take a minute */
export function setUpPeers(note: (text: string) => void): void {
  install('package-lock.json', join(FOLDER, 'node_modules'), () => {
    note('installing the JavaScript peers into bench/peers/node_modules');
    run('npm', ['ci', '--ignore-scripts']);
  });
  install('requirements.txt', ENVIRONMENT, () => {
    note('installing faiss-cpu into bench/peers/.venv');
    rmSync(ENVIRONMENT, { recursive: true, force: true });
    run(process.env.PYTHON ?? 'python3', ['-m', 'venv', ENVIRONMENT]);
    run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt']);
  });
}

/** Installs unless `target` holds a copy of the manifest that it was last installed from. */
function install(manifest: string, target: string, work: () => void): void {
  const wanted = readFileSync(join(FOLDER, manifest), 'utf8');
  const stamp = join(target, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  work();
  writeFileSync(stamp, wanted);
}

function run(command: string, words: readonly string[]): void {
  try {
    execFileSync(command, words, { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  } catch (cause) {
    throw new Error(
      `bench/peers: \`${command} ${words.join(' ')}\` failed; the peers need npm and a Python 3.10 or newer (set PYTHON to choose one)`,
      { cause },
    );
  }
}
