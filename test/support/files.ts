// Files for tests: fixtures, folders that go away, the bytes that writers give piece by piece, and errors as data.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ErrorCode, RvqError } from '../../ts/model/errors.ts';
import { projectPath } from './data.ts';

/** The path of a file in test/fixtures/files. */
export function fixturePath(name: string): string {
  return projectPath(`test/fixtures/files/${name}`);
}

/** The bytes in an array of their own, which begins where it should. */
export function fixture(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(fixturePath(name)));
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rvq-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

export function joinBytes(pieces: Iterable<Uint8Array>): Uint8Array {
  return Uint8Array.from(Buffer.concat([...pieces]));
}

/** The error of `work`, which must be one of this package. */
export function errorOf(work: () => unknown): { code: ErrorCode; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof RvqError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The same for a promise. */
export async function rejectionOf(work: Promise<unknown>): Promise<RvqError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RvqError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
