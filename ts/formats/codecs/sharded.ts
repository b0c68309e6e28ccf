// Checkpoints in several files: model.safetensors.index.json says which tensor is in which.
import { counted, describe } from '../../model/errors.ts';
import { badFile, quote } from '../check.ts';

/** For each tensor the file that it is in: a name without folders. */
export type ShardIndex = ReadonlyMap<string, string>;

export function parseShardIndex(bytes: Uint8Array, name: string): ShardIndex {
  const index = parseJson(bytes, name);
  const map = typeof index === 'object' && index !== null && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw badFile(name, '"weight_map"', 'an object that says in which file each tensor is', describe(map));
  }
  return new Map(
    Object.entries(map).map(([tensor, file]) => {
      const place = `"weight_map" ${quote(tensor)}`;
      if (typeof file !== 'string') throw badFile(name, place, 'the name of a file', describe(file));
      if (!/^[^/\\:\0]+\.safetensors$/.test(file)) throw badFile(name, place, 'the name of a .safetensors file in the same folder', quote(file));
      return [tensor, file];
    }),
  );
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badFile(name, 0, 'a JSON object with "weight_map"', `${counted(bytes.length, 'bytes')} of something else`, { cause });
  }
}
