// What the file system refuses, in words: one FILE_ACCESS error that names the path and keeps the cause.
import { RvqError } from '../model/errors.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
};

/** `act` as in "cannot read". */
export function accessError(path: string, act: 'read' | 'write', cause: unknown): RvqError {
  const code = systemCode(cause);
  const reason = WORDS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new RvqError('FILE_ACCESS', path, `cannot ${act}: ${reason}`, { cause });
}

/** The system's name of an error of its own, such as ENOENT, or ''. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
