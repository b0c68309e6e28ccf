// Formats go by the extension of the file's name.
import { RvqError } from '../model/errors.ts';

/** What each kind of file may be called. */
const EXTENSIONS = {
  vectors: ['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors'],
  codebook: ['safetensors'],
  codes: ['safetensors', 'npy'],
} as const;

export type FileKind = keyof typeof EXTENSIONS;
export type VectorExtension = (typeof EXTENSIONS)['vectors'][number];

/** The extension of the file's name, where it is one of those of its kind. */
export function extensionOf<K extends FileKind>(kind: K, name: string): (typeof EXTENSIONS)[K][number] {
  const known: readonly (typeof EXTENSIONS)[K][number][] = EXTENSIONS[kind];
  const lower = name.toLowerCase();
  const found = known.find((extension) => lower.endsWith(`.${extension}`));
  if (found !== undefined) return found;
  const list = known.map((extension) => `.${extension}`).join(', ').replace(/, (\.\w+)$/, ' or $1');
  throw new RvqError('UNSUPPORTED', name, `expected the name of a file of ${kind === 'codebook' ? 'a codebook' : kind} to end in ${list}`);
}
