// The machine that was measured: without it a time says nothing.
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
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    threads,
  };
}

/** One line: "AMD EPYC, 2 cores, linux x64, Node v20.20.2, 1 thread". */
export function machineText({ cpu, cores, platform, node, threads }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${platform}, Node ${node}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
