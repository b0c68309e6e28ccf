// The machine that was measured: without it a time says nothing.
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** Threads that did the work. */
  readonly threads: number;
}

export function describeMachine(threads: number): Machine {
  const cores = cpus();
  return {
    cpu: `${cores[0]?.model.trim() ?? 'unknown'}${familyText()}`,
    cores: cores.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    threads,
  };
}

/** Hypervisors hide names; family and model still tell the kind of core. Where the system gives none, nothing. */
function familyText(): string {
  const [family, model] = [cpuFact('cpu family'), cpuFact('model')];
  return family === undefined || model === undefined ? '' : ` (family ${family}, model ${model})`;
}

/** What Linux says of the first core under this name; undefined where it or the system does not tell. */
export function cpuFact(name: string): string | undefined {
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return undefined;
  return new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(readFileSync(path, 'utf8'))?.[1];
}

/** One line: "AMD EPYC (family 25, model 17), 2 cores, linux x64, Node v20.20.2, 1 thread". */
export function machineText({ cpu, cores, platform, node, threads }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${platform}, Node ${node}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
