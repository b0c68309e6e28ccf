// Checkpoints of training in .safetensors files: the stages so far as in a codebook's file, and in the metadata what else is needed to go
// on. The bytes are laid down in docs/format.md.
import { checkCheckpoint } from '../model/checkpoint.ts';
import { describe } from '../model/errors.ts';
import { createFingerprint } from '../model/fingerprint.ts';
import type { TrainCheckpoint } from '../model/training.ts';
import { badFile, fromFile } from './check.ts';
import { codebookOf, codebookTensors } from './codebook.ts';
import { FORMATS, formatMetadata } from './metadata.ts';
import { parseSafetensors, type Safetensors, serializeSafetensors } from './safetensors.ts';

/** Reads a checkpoint, and checks that it is the one that was written. */
export function parseCheckpoint(bytes: Uint8Array, name: string): TrainCheckpoint {
  return checkpointOf(parseSafetensors(bytes, name), bytes, name);
}

export function checkpointOf(file: Safetensors, bytes: Uint8Array, name: string): TrainCheckpoint {
  const codebook = codebookOf(file, bytes, name, FORMATS.checkpoint);
  const [vectors, settings, report] = TEXTS.map((key) => textOf(file, key, name));
  const expected = digest(codebook.id, [vectors, settings, report]);
  const found = file.metadata.get('digest');
  if (found !== expected)
    throw badFile(name, '__metadata__ "digest"', `${expected}, as the rest of it has`, `${describe(found)}: the file is corrupted`);
  const { stages, refinements } = parseJson<Pick<TrainCheckpoint, 'stages' | 'refinements'>>(report, 'report', name);
  const asked = parseJson<TrainCheckpoint['settings']>(settings, 'settings', name);
  return fromFile(name, () => checkCheckpoint({ codebook, stages, refinements, settings: asked, vectors }, 'checkpoint'));
}

/** The bytes of a checkpoint's file, piece by piece. */
export function serializeCheckpoint(checkpoint: TrainCheckpoint): Iterable<Uint8Array> {
  const { codebook, stages, refinements, settings, vectors } = checkCheckpoint(checkpoint, 'checkpoint');
  const texts = [vectors, JSON.stringify(settings), JSON.stringify({ stages, refinements })];
  const fields = Object.fromEntries(TEXTS.map((key, i) => [key, texts[i]]));
  const metadata = formatMetadata(FORMATS.checkpoint, { id: codebook.id, ...fields, digest: digest(codebook.id, texts) });
  return serializeSafetensors(codebookTensors(codebook), metadata);
}

const TEXTS = ['vectors', 'settings', 'report'] as const;

/** Over all that the codebook's id does not cover. */
function digest(id: string, texts: readonly string[]): string {
  return createFingerprint(['residual-vq checkpoint', id, ...texts].join('\n')).digits();
}

function textOf({ metadata }: Safetensors, key: string, name: string): string {
  const text = metadata.get(key);
  if (text === undefined) throw badFile(name, `__metadata__ "${key}"`, 'a text', 'none');
  return text;
}

/** An object that is taken for a T until checkCheckpoint has seen it. */
function parseJson<T extends object>(text: string, key: string, name: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // told below
  }
  throw badFile(name, `__metadata__ "${key}"`, 'a JSON object', describe(text));
}
