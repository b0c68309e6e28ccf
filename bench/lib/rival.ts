// faiss at its best: an OpenBLAS that is older than the CPU falls back to SSE kernels, which take three times as long as the right ones.
import { existsSync, readFileSync } from 'node:fs';
import { randomCodebook } from 'residual-vq';
import { type Faiss, startFaiss } from '../peers/faiss.ts';

/** OpenBLAS's kernels for wide vectors, and the flags of a CPU that can run them. */
const KERNELS: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'Haswell', flags: ['avx2', 'fma'] },
  { name: 'SkylakeX', flags: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'] },
];

/** So much faster have named kernels to be to take the place of those that OpenBLAS chooses. */
const GAIN = 1.1;
const CALLS = 5;

export interface Rival {
  readonly faiss: Faiss;
  /** faiss as it was installed, where OpenBLAS chooses kernels for it that are not the best. */
  readonly installed?: Faiss;
  /** What both run on, for the report. */
  readonly kernels: string;
}

/** Starts faiss with the kernels that encode fastest here. Where OPENBLAS_CORETYPE is set, that is what it gets. */
export async function startFastestFaiss(): Promise<Rival> {
  const installed = startFaiss();
  const { kernels: own } = await installed.about();
  if (own === null) return { faiss: installed, kernels: 'unknown' };
  const named = process.env.OPENBLAS_CORETYPE === undefined ? KERNELS.filter(({ name, flags }) => name !== own && flags.every(hasFlag)) : [];
  let best = { faiss: installed, name: own, seconds: (await secondsOf(installed)) / GAIN };
  for (const { name } of named) {
    const faiss = startFaiss(name);
    const seconds = await secondsOf(faiss);
    const [loser, winner] = seconds < best.seconds ? [best.faiss, { faiss, name, seconds }] : [faiss, best];
    if (loser !== installed) loser.close();
    best = winner;
  }
  if (best.faiss === installed) return { faiss: installed, kernels: own };
  return { faiss: best.faiss, installed, kernels: `${best.name}, which it was told to take; of its own accord it takes ${own}` };
}

/** Of encoding some made-up rows, the shortest of a few calls. */
async function secondsOf(faiss: Faiss): Promise<number> {
  const [dim, stages, bits] = [128, 4, 8];
  await faiss.putQuantizer('made up', { dim, stages, bits }, randomCodebook({ dim, stages, codewords: 2 ** bits, seed: 1 }).data);
  await faiss.putRows('made up', { data: randomCodebook({ dim, stages: 1, codewords: 4096, seed: 2 }).data, dim });
  let least = Infinity;
  for (let call = 0; call < CALLS; call++) {
    const { seconds } = await faiss.encode({ quantizer: 'made up', vectors: 'made up', beam: 1, tables: false, block: 1024 });
    least = Math.min(least, seconds);
  }
  return least;
}

function hasFlag(flag: string): boolean {
  return cpuFlags().has(flag);
}

/** None where the system does not tell, so that no kernels are named that the CPU might lack. */
function cpuFlags(): Set<string> {
  const path = '/proc/cpuinfo';
  const line = existsSync(path) ? /^flags\s*:(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
  return new Set(line?.trim().split(/\s+/));
}
