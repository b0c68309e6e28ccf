// The command in a process of its own, and what it took: time, processor, memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { bin } from '../../package.json';

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** Of all its threads. */
  readonly processorSeconds: number;
  /** The most memory that it ever had: its peak resident set. */
  readonly peakBytes: number;
}

/** Writes what the process took to file descriptor 3 as it ends. */
const HOOK = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;

/** Runs the built command, with nothing on standard input. */
export async function measureRvq(args: readonly string[], { cwd }: { cwd: string }): Promise<Measured> {
  const started = performance.now();
  const command = fileURLToPath(new URL(`../../${bin.rvq}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', HOOK, command, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [stdout, stderr, usage] = await Promise.all([1, 2, 3].map((place) => text(child.stdio[place] as Readable)));
  const code = child.exitCode ?? (await once(child, 'close'))[0];
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(usage) as NodeJS.ResourceUsage;
  const seconds = (performance.now() - started) / 1000;
  return { code, stdout, stderr, seconds, processorSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
}
