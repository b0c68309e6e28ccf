// Formats go by the extension of the file's name.
import { RvqError } from '../model/errors.ts';

/** What each kind of file may be called. */
const EXTENSIONS = {
  vectors: ['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors'],
  codebook: ['safetensors'],
  codes: ['safetensors', 'npy'],
  checkpoint: ['safetensors'],
  'any file': ['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors'],
} as const;

/** In words, for an error. */
const KINDS: Readonly<Record<FileKind, string>> = {
  vectors: 'a file of vectors',
  codebook: 'a codebook',
  codes: 'a file of codes',
  checkpoint: 'a checkpoint',
  'any file': 'a file that rvq reads',
};

export type FileKind = keyof typeof EXTENSIONS;
export type VectorExtension = (typeof EXTENSIONS)['vectors'][number];

/** The extension of the file's name, where it is one of those of its kind. */
export function extensionOf<K extends FileKind>(kind: K, name: string): (typeof EXTENSIONS)[K][number] {
  const known: readonly (typeof EXTENSIONS)[K][number][] = EXTENSIONS[kind];
  const lower = name.toLowerCase();
  const found = known.find((extension) => lower.endsWith(`.${extension}`));
  if (found !== undefined) return found;
  const list = known
    .map((extension) => `.${extension}`)
    .join(', ')
    .replace(/, (\.\w+)$/, ' or $1');
  throw new RvqError('UNSUPPORTED', name, `expected a name that ends in ${list}, as ${KINDS[kind]} has`);
}
