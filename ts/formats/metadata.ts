// What our own .safetensors files say in `__metadata__`: which of them they are, and in which version of the layout.
import { describe } from '../model/errors.ts';
import { badFile } from './check.ts';

/** The values of `format`. */
export const FORMATS = { codebook: 'residual-vq codebook', codes: 'residual-vq codes', checkpoint: 'residual-vq checkpoint' } as const;

export type Format = (typeof FORMATS)[keyof typeof FORMATS];

/** The one version so far. A change that an old reader would misread gets the next number. */
const VERSION = '1';

export function formatMetadata(format: Format, fields: Readonly<Record<string, string>>): Record<string, string> {
  return { format, version: VERSION, ...fields };
}

/** Which of our files it is, or undefined for any other. */
export function formatOf(metadata: ReadonlyMap<string, string>): Format | undefined {
  return Object.values(FORMATS).find((format) => format === metadata.get('format'));
}

/** Checks that it is a file of this format in a version that we know. */
export function checkFormat(metadata: ReadonlyMap<string, string>, format: Format, name: string): void {
  const found = metadata.get('format');
  if (found !== format) throw badFile(name, '__metadata__ "format"', describe(format), found === undefined ? 'none' : describe(found));
  const version = metadata.get('version');
  if (version === VERSION) return;
  const newer = version !== undefined && /^[1-9]\d*$/.test(version) ? ': a newer residual-vq wrote it' : '';
  throw badFile(name, '__metadata__ "version"', `version ${describe(VERSION)} of ${format}`, `${describe(version)}${newer}`);
}
