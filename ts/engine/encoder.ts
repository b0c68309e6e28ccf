// Encoding a block in the core: greedy, or with a beam by the method that is fastest within the memory allowed.
import type { Codebook } from '../model/codebook.ts';
import { badArgument, counted } from '../model/errors.ts';
import type { EncodeSettings } from '../model/requests.ts';
import { codebookHandle } from './codebooks.ts';
import type { Scope } from './memory.ts';

/** How the core finds scores; the numbers are those of the boundary. */
const METHOD = { neither: 0, tables: 1, residuals: 2 } as const;

/** Rows at a pointer to codes at another. Returns -1, or the index of the first value that is not finite. */
export type EncodeBlock = (rowsAt: number, rows: number, codesAt: number, codeBytes: number) => number;

/**
 * Gets the core ready for encoding `rows` rows in all, for which tables may have to be built.
 *
 * @param method for tests: overrides the choice
 */
export function createEncoder(
  scope: Scope,
  codebook: Codebook,
  rows: number,
  { beam, maxMemory }: EncodeSettings,
  method?: 'tables' | 'residuals',
): EncodeBlock {
  const { core } = scope;
  const handle = codebookHandle(scope, codebook);
  if (beam === 1 && method === undefined) {
    return (rowsAt, rows, codesAt, codeBytes) => core.encode(handle, rowsAt, rows, codesAt, codeBytes);
  }
  let chosen: number = method === undefined ? core.beam_method(handle, beam, rows, maxMemory) : METHOD[method];
  if (chosen === METHOD.neither) {
    const needed = Math.ceil(core.beam_memory(handle, beam, METHOD.residuals));
    throw badArgument('encode option maxMemory', `at least ${counted(needed, 'bytes')} for a beam of ${beam} with this codebook`, maxMemory);
  }
  if (chosen === METHOD.tables && core.tables_build(handle) === 0) chosen = METHOD.residuals;
  return (rowsAt, rows, codesAt, codeBytes) => core.beam_encode(handle, rowsAt, rows, codesAt, codeBytes, beam, chosen);
}
