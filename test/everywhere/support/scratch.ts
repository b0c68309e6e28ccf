// The scratch project, and folders in it.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { writeFiles } from '../../support/consumer.ts';

export const scratch = inject('scratch');

/** A path in the scratch project's node_modules. */
export function tool(path: string): string {
  return join(scratch, 'node_modules', path);
}

/** A new folder with the programs and more files. What it imports is found in the scratch project. */
export function folderWith(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(scratch, 'apps', `${name}-${process.pid}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(scratch, 'programs'), folder, { recursive: true });
  writeFiles(folder, files);
  return folder;
}
