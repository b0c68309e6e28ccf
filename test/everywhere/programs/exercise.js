// What every runtime, bundler and browser does with the package. The result is plain data, to be compared with Node's.

/** @param rvq the root entry, or another with the same functions */
export async function exercise(rvq) {
  const { book, vectors } = inputs(rvq, 500);
  const codes = rvq.encode(book, vectors);
  const { codebook: trained } = await rvq.train(vectors, { stages: 2, codewords: 16, seed: 3 });
  return {
    id: book.id,
    codes: [...codes.data],
    beam: [...rvq.encode(book, vectors, { beam: 5 }).data],
    rebuilt: bits(rvq.decode(book, codes).data),
    mse: rvq.evaluate(book, vectors).mse,
    residual: bits(rvq.quantize(book, vectors.data.subarray(0, book.dim)).residual),
    packed: [...rvq.pack(codes, book)].slice(0, 60),
    trained: trained.id,
    refused: refusal(() => rvq.encode(book, rvq.matrix([[1, 2]]))),
  };
}

/** @param pool of any environment: it is closed at the end */
export async function exercisePool(rvq, pool) {
  const { book, vectors } = inputs(rvq, 20_000);
  const codes = await pool.encode(book, vectors, { beam: 2 });
  const { codebook: trained } = await pool.train(vectors, { stages: 2, codewords: 64, iterations: 2 });
  const rebuilt = await pool.decode(book, codes);
  const { mse } = await pool.evaluate(book, vectors);
  const lost = pool.lostWorkers;
  await pool.close();
  return { codes: bits(codes.data), rebuilt: bits(rebuilt.data), mse, trained: trained.id, lost };
}

export function inputs(rvq, rows) {
  const book = rvq.randomCodebook({ dim: 20, stages: 3, codewords: [40, 300, 7], seed: 4 });
  return { book, vectors: rvq.matrix(rvq.randomCodebook({ dim: 20, stages: 1, codewords: rows, seed: 5 }).data, 20) };
}

/** A hash of the bits of an array (FNV-1a). */
export function bits({ buffer, byteOffset, byteLength }) {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** What a call is refused with. */
export function refusal(call) {
  try {
    call();
  } catch (error) {
    return told(error);
  }
  return 'nothing was thrown';
}

/** An error as data. */
export function told(error) {
  return { name: error?.name, code: error?.code, message: error?.message ?? String(error) };
}
