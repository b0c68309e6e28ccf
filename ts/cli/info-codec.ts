// What rvq info tells of a model that holds a codec.
import type { RecognizedCodec } from '../formats/codecs/load.ts';
import type { Codec, CodecPart } from '../index.ts';
import { bitsPerStage, sum } from '../model/codebook.ts';
import { isCodebook } from '../model/codec.ts';
import { count, counted } from '../model/errors.ts';
import { stagesText } from './terminal.ts';

/** What is told of a file: an object for --json, and the same in lines. */
export interface Description {
  readonly json: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly lines: readonly string[];
}

export function describeCodec({ codec, layout }: RecognizedCodec): Description {
  const { dim, codewords, id } = codec;
  const bits = bitsPerStage(codewords);
  const bitsPerRow = sum(bits);
  const title = layout === undefined ? 'codebook' : `codec ${layout}`;
  const shape = { dim, stages: codewords.length, codewords, bitsPerStage: bits, bitsPerRow, id };
  return {
    json: layout === undefined ? { kind: 'codebook', ...shape } : { kind: 'codec', layout, ...shape, groups: groupsOf(codec) },
    lines: [
      `${title}, ${stagesText(codewords)} of dim ${count(dim)}, ${counted(bitsPerRow, 'bits')} a row`,
      ...(isCodebook(codec) ? [] : codec.groups.map(groupLine)),
      `id ${id}`,
    ],
  };
}

/** For --json: of each group the parts, and how they code; of a Codebook one group of one part. */
function groupsOf(codec: Codec): unknown[][] {
  const groups = isCodebook(codec) ? [[{ metric: 'euclidean' as const, codec, input: undefined }]] : codec.groups;
  return groups.map((parts) => parts.map((part) => ({ ...partOf(part), codewords: part.codec.codewords })));
}

function partOf({ input, metric, codec }: Pick<CodecPart, 'input' | 'metric' | 'codec'>) {
  const inner = isCodebook(codec) ? metric : (codec.groups[0][0].metric ?? metric);
  return { stages: codec.codewords.length, dim: codec.dim, metric: inner, projected: input !== undefined };
}

/** "group 1: 1 stage, projected to dim 256, euclidean", parts that are alike together. */
function groupLine(parts: readonly CodecPart[], group: number): string {
  const all = parts.map(partOf);
  const dims = [...new Set(all.map(({ dim }) => dim))].map(count).join(', ');
  const [{ metric, projected }] = all;
  const stages = sum(all.map((part) => part.stages));
  const where = parts.length > 1 ? 'each ' : '';
  return `group ${group + 1}: ${stages} ${stages === 1 ? 'stage' : 'stages'}, ${where}${projected ? 'projected to ' : 'of '}dim ${dims}, ${metric} metric`;
}
