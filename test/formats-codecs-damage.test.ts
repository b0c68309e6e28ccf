// Checkpoints of codecs under damage: read or refused in our own words.

import { parseShardIndex } from '../ts/formats/codecs/sharded.ts';
import { loadCodec } from '../ts/formats/index.ts';
import { fileOf, floats, narrowed } from './support/codecs.ts';
import { withstandsDamage } from './support/damage.ts';

const wave = (i: number): number => Math.sin(i + 1);

const encodec = { 'layers.0.codebook.embed': floats([2, 2], wave), 'layers.1.codebook.embed': floats([1, 2], wave) };
const dac = {
  'quantizers.0.codebook.weight': narrowed(floats([2, 1], wave), 'F16'),
  'quantizers.0.in_proj.weight_g': floats([1, 1, 1], wave),
  'quantizers.0.in_proj.weight_v': floats([1, 2, 1], wave),
  'quantizers.0.out_proj.weight': narrowed(floats([2, 1, 1], wave), 'BF16'),
  'quantizers.0.out_proj.bias': floats([2], wave),
};
const mimi = Object.fromEntries(
  ['rvq_first', 'rvq_rest'].flatMap((scope) => [
    [`${scope}.vq.layers.0._codebook.embedding_sum`, floats([2, 2], wave)],
    [`${scope}.vq.layers.0._codebook.cluster_usage`, floats([2], (i) => i + 1)],
  ]),
);
const shared = { 'layers.0._codebook.embed': floats([1, 2, 2], wave) };

for (const [name, bytes] of [
  ['encodec.safetensors', fileOf(encodec)],
  ['dac.safetensors', fileOf(dac)],
  ['mimi.safetensors', fileOf(mimi)],
  ['shared.safetensors', fileOf(shared, { 'layers.1._codebook.embed': 'layers.0._codebook.embed' })],
] as const) {
  // most bytes are of headers, which take some time to read: not every bit of each is tried
  withstandsDamage({ name, bytes, read: (damaged) => loadCodec(damaged, { name }), flips: [1, 16, 128, 255] });
}

const index = new TextEncoder().encode(JSON.stringify({ weight_map: { 'layers.0.codebook.embed': 'model-1.safetensors' } }));
withstandsDamage({ name: 'model.safetensors.index.json', bytes: index, read: (bytes) => parseShardIndex(bytes, 'model.safetensors.index.json') });
