// Damaged files of every format of vectors, codebooks and codes.
import { parseCheckpoint, serializeCheckpoint } from '../ts/formats/checkpoint.ts';
import { parseCodebook, serializeCodebook } from '../ts/formats/codebook.ts';
import { parseCodes, parseCodesNpy, serializeCodes } from '../ts/formats/codes.ts';
import { parseFaissIndex, serializeFaissIndex } from '../ts/formats/faiss.ts';
import { serializeNpyCodes, serializeNpyVectors } from '../ts/formats/npy.ts';
import { parseIvecsIntegers, serializeVecs } from '../ts/formats/vecs.ts';
import { parseVectors, serializeVectors } from '../ts/formats/vectors.ts';
import { randomCodebook } from '../ts/model/codebook.ts';
import { matrix } from '../ts/model/matrix.ts';
import { checkpoint } from './support/checkpoint.ts';
import { withstandsDamage } from './support/damage.ts';
import { fixture, joinBytes } from './support/files.ts';

const book = randomCodebook({ dim: 2, stages: 3, codewords: [2, 3, 5], seed: 1 });
const codes = { data: Uint8Array.of(0, 1, 2, 1, 2, 4), rows: 2, stages: 3, codebookId: book.id };
const vectors = matrix([
  [1, 2, 3],
  [250, 0, 7],
]);
const powers = randomCodebook({ dim: 2, stages: 3, codewords: [2, 4, 1], seed: 1 });
const ofPowers = { data: Uint8Array.of(0, 3, 0, 1, 2, 0), rows: 2, stages: 3, codebookId: powers.id };

for (const kind of ['fvecs', 'bvecs', 'ivecs'] as const) {
  const bytes = joinBytes(serializeVecs(vectors, kind));
  const name = `vectors.${kind}`;
  withstandsDamage({ name, bytes, read: (damaged) => parseVectors(damaged, name), wholeAt: [bytes.length / 2] });
}
const integers = joinBytes(serializeVecs(vectors, 'ivecs'));
withstandsDamage({ name: 'integers.ivecs', bytes: integers, read: (bytes) => parseIvecsIntegers(bytes, 'integers.ivecs'), wholeAt: [16] });

withstandsDamage({ name: 'vectors.npy', bytes: joinBytes(serializeNpyVectors(vectors)), read: (bytes) => parseVectors(bytes, 'vectors.npy') });
withstandsDamage({ name: 'codes.npy', bytes: joinBytes(serializeNpyCodes(codes)), read: (bytes) => parseCodesNpy(bytes, 'codes.npy', book) });
for (const name of ['fortran.npy', 'be.npy', 'f16.npy', 'v3.npy']) {
  withstandsDamage({ name, bytes: fixture(name), read: (bytes) => parseVectors(bytes, name), flips: [1, 128, 255] });
}
const raw = joinBytes(serializeVectors(vectors, 'f32'));
withstandsDamage({ name: 'vectors.f32', bytes: raw, read: (bytes) => parseVectors(bytes, 'vectors.f32', { dim: 3 }), wholeAt: [0, 12] });

withstandsDamage({
  name: 'mixed.safetensors',
  bytes: fixture('mixed.safetensors'),
  read: (bytes) => parseVectors(bytes, 'mixed.safetensors', { tensor: 'half' }),
  flips: [1, 128],
});
withstandsDamage({
  name: 'vectors.safetensors',
  bytes: joinBytes(serializeVectors(vectors, 'safetensors')),
  read: (bytes) => parseVectors(bytes, 'vectors.safetensors'),
});
withstandsDamage({
  name: 'codebook.safetensors',
  bytes: joinBytes(serializeCodebook(book)),
  read: (bytes) => parseCodebook(bytes, 'codebook.safetensors'),
  checked: true,
});
withstandsDamage({
  name: 'checkpoint.safetensors',
  bytes: joinBytes(serializeCheckpoint(await checkpoint())),
  read: (bytes) => parseCheckpoint(bytes, 'checkpoint.safetensors'),
  checked: true,
});
withstandsDamage({
  name: 'codes.safetensors',
  bytes: joinBytes(serializeCodes(codes, book)),
  read: (bytes) => parseCodes(bytes, 'codes.safetensors'),
});
withstandsDamage({
  name: 'packed.safetensors',
  bytes: joinBytes(serializeCodes(codes, book, { packed: true })),
  read: (bytes) => parseCodes(bytes, 'packed.safetensors', book),
});

withstandsDamage({
  name: 'index.faissindex',
  bytes: joinBytes(serializeFaissIndex(powers, ofPowers)),
  read: (bytes) => parseFaissIndex(bytes, 'index.faissindex'),
});
for (const name of ['product', 'norm_rq2x4']) {
  const file = `${name}.faissindex`;
  withstandsDamage({ name: file, bytes: fixture(`../faiss/${file}`), read: (bytes) => parseFaissIndex(bytes, file), flips: [1, 128, 255] });
}
