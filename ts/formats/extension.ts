// Formats go by the extension of the file's name.
import { RvqError } from '../model/errors.ts';

/** The formats by their first extension, and what else files of them may be called. */
const EXTENSIONS = {
  fvecs: ['fvecs'],
  bvecs: ['bvecs'],
  ivecs: ['ivecs'],
  npy: ['npy'],
  npz: ['npz'],
  safetensors: ['safetensors'],
  parquet: ['parquet'],
  arrow: ['arrow', 'feather'],
  f32: ['f32', 'raw', 'bin'],
  faissindex: ['faissindex', 'faiss', 'index'],
} as const;

export type Format = keyof typeof EXTENSIONS;

/** What each kind of file may be read from and written to. */
const KINDS = {
  vectors: {
    words: 'a file of vectors',
    read: ['fvecs', 'bvecs', 'ivecs', 'npy', 'npz', 'safetensors', 'parquet', 'arrow', 'f32'],
    write: ['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors', 'f32'],
  },
  codebook: { words: 'a codebook', read: ['safetensors', 'faissindex'], write: ['safetensors'] },
  codes: { words: 'a file of codes', read: ['safetensors', 'npy', 'faissindex'], write: ['safetensors', 'npy', 'faissindex'] },
  checkpoint: { words: 'a checkpoint', read: ['safetensors'], write: ['safetensors'] },
  'any file': {
    words: 'a file that rvq reads',
    read: ['fvecs', 'bvecs', 'ivecs', 'npy', 'npz', 'safetensors', 'parquet', 'arrow', 'f32', 'faissindex'],
    write: [],
  },
} as const satisfies Record<string, { words: string; read: readonly Format[]; write: readonly Format[] }>;

export type FileKind = keyof typeof KINDS;
type Use = 'read' | 'write';
type FormatOf<K extends FileKind, U extends Use> = (typeof KINDS)[K][U][number];
/** The formats that vectors are written to. */
export type VectorFormat = FormatOf<'vectors', 'write'>;

/** The format of the file, where its name has an extension that files of its kind are read from, or written to: the first one of it. */
export function extensionOf<K extends FileKind, U extends Use = 'read'>(kind: K, name: string, use?: U): FormatOf<K, U> {
  const formats: readonly FormatOf<K, U>[] = KINDS[kind][use ?? 'read'];
  const lower = name.toLowerCase();
  const found = formats.find((format) => EXTENSIONS[format].some((extension) => lower.endsWith(`.${extension}`)));
  if (found !== undefined) return found;
  const words = `${KINDS[kind].words}${use === 'write' && extensionList(kind) !== extensionList(kind, use) ? ' to write' : ''}`;
  throw new RvqError('UNSUPPORTED', name, `expected a name that ends in ${extensionList(kind, use)}, as ${words} has`);
}

/** ".npy, .arrow or .feather": what files of a kind may be called. */
export function extensionList(kind: FileKind, use: Use = 'read'): string {
  const formats: readonly Format[] = KINDS[kind][use];
  return formats
    .flatMap((format) => EXTENSIONS[format].map((extension) => `.${extension}`))
    .join(', ')
    .replace(/, (\.\w+)$/, ' or $1');
}
