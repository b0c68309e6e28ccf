import { describe, expect, it } from 'vitest';
import { parseCheckpoint, serializeCheckpoint } from '../ts/formats/checkpoint.ts';
import { parseCodebook } from '../ts/formats/codebook.ts';
import { parseSafetensors } from '../ts/formats/safetensors.ts';
import { type TrainCheckpoint, train } from '../ts/index.ts';
import { checkpoint } from './support/checkpoint.ts';
import { errorOf, joinBytes } from './support/files.ts';
import { normalRows } from './support/rows.ts';

const name = 'c.safetensors';
const made = await checkpoint();

function refusal(bytes: Uint8Array): string {
  const { code, message } = errorOf(() => parseCheckpoint(bytes, name));
  expect(code).toBe('BAD_FILE');
  return message;
}

/** The file with other texts in its header, of the same length. */
function changed(from: string, to: string): Uint8Array {
  const text = Buffer.from(joinBytes(serializeCheckpoint(made))).toString('latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to.padEnd(from.length)), 'latin1');
}

describe('a checkpoint in a file', () => {
  it('comes back as it was, to the last bit of its numbers', async () => {
    const checkpoints: TrainCheckpoint[] = [];
    const rows = normalRows({ rows: 300, dim: 3 });
    const options = { stages: 2, codewords: [4, 100], iterations: 7, refine: 1, tolerance: 0.001, heldBack: 1 / 3, maxRowsPerCodeword: 17 };
    await train(rows, { ...options, onCheckpoint: (next) => void checkpoints.push(next) });
    expect(checkpoints).toHaveLength(3);
    for (const one of checkpoints) expect(parseCheckpoint(joinBytes(serializeCheckpoint(one)), name)).toEqual(one);
  });

  it('is laid out as docs/format.md says', () => {
    const { tensors, metadata } = parseSafetensors(joinBytes(serializeCheckpoint(made)), name);
    expect([...metadata.keys()]).toEqual(['format', 'version', 'id', 'vectors', 'settings', 'report', 'digest']);
    expect(metadata.get('format')).toBe('residual-vq checkpoint');
    expect(metadata.get('id')).toBe(made.codebook.id);
    expect(JSON.parse(metadata.get('settings') ?? '')).toEqual(made.settings);
    expect(JSON.parse(metadata.get('report') ?? '')).toEqual({ stages: made.stages, refinements: [] });
    expect(tensors.map(({ name, type, shape }) => [name, type, shape])).toEqual([['stage.0', 'F32', [3, 2]]]);
  });

  it('is no codebook, and a codebook is none', () => {
    const bytes = joinBytes(serializeCheckpoint(made));
    expect(errorOf(() => parseCodebook(bytes, name)).message).toMatch(/expected "residual-vq codebook", got "residual-vq checkpoint"/);
    expect(refusal(changed('residual-vq checkpoint', 'residual-vq codebook'))).toMatch(/expected "residual-vq checkpoint", got/);
  });

  it('is known to be corrupted by its digest and its id', () => {
    expect(refusal(changed('\\"seed\\":1', '\\"seed\\":2'))).toMatch(
      /"digest": expected [0-9a-f]{32}, as the rest of it has, got "[0-9a-f]{32}": the file is corrupted/,
    );
    expect(refusal(changed('"digest"', '"digesr"'))).toMatch(/"digest": expected [0-9a-f]{32}, .* got undefined/);
    expect(refusal(changed('"report"', '"resort"'))).toMatch(/"report": expected a text, got none/);
    const bytes = joinBytes(serializeCheckpoint(made));
    bytes[bytes.length - 1] ^= 1;
    expect(refusal(bytes)).toMatch(/"id": expected [0-9a-f]{32}, as its shape and data have/);
  });

  it('is not written where it is none', () => {
    expect(errorOf(() => serializeCheckpoint({ ...made, stages: [] }))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'checkpoint.stages: expected an array of 1, as the codebook has stages, got an array of 0',
    });
  });
});
