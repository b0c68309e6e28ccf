// Reads what files.py wrote with faiss and NumPy, and writes what it reads with them: by the built package, as a user has it.
//   node test/outside/files.mjs FOLDER   reads FOLDER/in, writes FOLDER/out
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFaissIndex, writeFaissIndex } from '../../dist/formats.js';
import { decode, encode, matrix, pack, randomCodebook } from '../../dist/index.js';
import { readVectors, writeCodebook, writeCodes, writeVectors } from '../../dist/node.js';

const [input, output] = ['in', 'out'].map((name) => join(process.argv[2], name));
const out = (name) => join(output, name);

for (const name of readdirSync(input)) {
  const path = join(input, name);
  if (name.endsWith('.faissindex')) {
    const { codebook, codes } = readFaissIndex(readFileSync(path), { name });
    await writeCodes(out(`${name}.codes.npy`), codes, codebook);
    await writeVectors(out(`${name}.rows.npy`), decode(codebook, codes));
    writeFileSync(out(`again.${name}`), writeFaissIndex(codebook, codes));
  } else {
    const vectors = await readVectors(path, name.endsWith('.npz') ? { array: 'x' } : {});
    await writeVectors(out(`${name}.npy`), vectors);
  }
}

const shapes = { bits: [8, 32, 512, 4096], single: [16, 1, 2], bytes: [256, 256, 256, 256] };
for (const [name, codewords] of Object.entries(shapes)) {
  const book = randomCodebook({ dim: 8, stages: codewords.length, codewords, seed: 1 });
  const rows = matrix(randomCodebook({ dim: 8, stages: 1, codewords: 500, seed: 2 }).data, 8);
  const codes = encode(book, rows);
  writeFileSync(out(`ours.${name}.faissindex`), writeFaissIndex(book, codes));
  writeFileSync(out(`ours.${name}.packed`), pack(codes, book));
  await writeVectors(out(`ours.${name}.rows.npy`), decode(book, codes));
  await writeVectors(out(`ours.${name}.vectors.npy`), rows);
}

// What the programs in docs/format.md read.
const book = randomCodebook({ dim: 5, stages: 3, codewords: [7, 300, 2], seed: 4 });
const codes = encode(book, matrix(randomCodebook({ dim: 5, stages: 1, codewords: 50, seed: 5 }).data, 5));
await writeCodebook(out('book.safetensors'), book);
await writeCodes(out('codes.safetensors'), codes, book);
await writeCodes(out('packed.safetensors'), codes, book, { packed: true });
await writeCodes(out('codes.npy'), codes, book);
