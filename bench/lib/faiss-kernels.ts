// On which kernels faiss is fastest: an OpenBLAS that is older than the CPU falls back to SSE, which takes three times as long as the right ones.
import { randomCodebook } from 'residual-vq';
import { startFaiss } from '../peers/faiss.ts';
import { cpuFact } from './machine.ts';

/** OpenBLAS's kernels for wide vectors, and the flags of a CPU that can run them. */
const NAMED: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'Haswell', flags: ['avx2', 'fma'] },
  { name: 'SkylakeX', flags: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'] },
];

/** So many times as fast named kernels have to be to take the place of OpenBLAS's own choice. */
const GAIN = 1.1;
const CALLS = 5;

/** What faiss did on some kernels. */
export interface Trial {
  /** Those that it ran on; null where it brings no OpenBLAS that tells. */
  readonly kernels: string | null;
  readonly seconds: number;
}

export interface KernelChoice {
  /** To be named to OpenBLAS; undefined where its own choice is the best. */
  readonly best?: string;
  /** In words. */
  readonly text: string;
}

/**
 * Tries the kernels that the CPU has. Where OPENBLAS_CORETYPE is set, that is the choice.
 *
 * @param attempt works on the kernels of that name, or on OpenBLAS's own choice
 * @param flags of the CPU
 */
export async function chooseKernels(
  attempt: (name?: string) => Promise<Trial> = encodeOn,
  flags: ReadonlySet<string> = cpuFlags(),
): Promise<KernelChoice> {
  const own = await attempt();
  if (own.kernels === null) return { text: 'unknown' };
  const candidates = process.env.OPENBLAS_CORETYPE === undefined ? NAMED.filter(({ name }) => name !== own.kernels) : [];
  let best: { name?: string; seconds: number } = { seconds: own.seconds / GAIN };
  for (const { name } of candidates.filter((candidate) => candidate.flags.every((flag) => flags.has(flag)))) {
    // kernels that the library lacks, or that crash here, are none to choose
    const trial = await attempt(name).catch(() => undefined);
    if (trial?.kernels === name && trial.seconds < best.seconds) best = { name, seconds: trial.seconds };
  }
  if (best.name === undefined) return { text: own.kernels };
  return { best: best.name, text: `${best.name}, which it was told to take; of its own accord it takes ${own.kernels}` };
}

/** The time of encoding some made-up rows: the shortest of a few calls. */
async function encodeOn(name?: string): Promise<Trial> {
  const [dim, stages, bits] = [128, 4, 8];
  const faiss = startFaiss(name);
  try {
    const { kernels } = await faiss.about();
    await faiss.putQuantizer('made up', { dim, stages, bits }, randomCodebook({ dim, stages, codewords: 2 ** bits, seed: 1 }).data);
    await faiss.putRows('made up', { data: randomCodebook({ dim, stages: 1, codewords: 4096, seed: 2 }).data, dim });
    let seconds = Infinity;
    for (let call = 0; call < CALLS; call++) {
      seconds = Math.min(seconds, (await faiss.encode({ quantizer: 'made up', vectors: 'made up', beam: 1, tables: false, block: 1024 })).seconds);
    }
    return { kernels, seconds };
  } finally {
    faiss.close();
  }
}

/** None where the system does not tell, so that no kernels are named that the CPU might lack. */
function cpuFlags(): Set<string> {
  return new Set(cpuFact('flags')?.split(' '));
}
