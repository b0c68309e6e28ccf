import { describe, expect, it } from 'vitest';
import { parseCodebook, serializeCodebook } from '../ts/formats/codebook.ts';
import { parseSafetensors, serializeSafetensors, type TensorData } from '../ts/formats/safetensors.ts';
import { codebook, randomCodebook } from '../ts/model/codebook.ts';
import { errorOf, fixture, joinBytes } from './support/files.ts';

const book = randomCodebook({ dim: 3, stages: 12, codewords: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 300], seed: 4 });

function refusal(bytes: Uint8Array): string {
  const { code, message } = errorOf(() => parseCodebook(bytes, 'b.safetensors'));
  expect(code).toBe('BAD_FILE');
  return message;
}

const stage = (name: string, shape: number[]): TensorData => ({ name, type: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
const metadata = { format: 'residual-vq codebook', version: '1', id: '0'.repeat(32) };
const file = (tensors: TensorData[], changes: Record<string, string> = {}) => joinBytes(serializeSafetensors(tensors, { ...metadata, ...changes }));

describe('a codebook in a file', () => {
  it('comes back bit for bit, also with stages of different sizes and with -0 and subnormals', () => {
    expect(parseCodebook(joinBytes(serializeCodebook(book)), 'b.safetensors')).toEqual(book);
    const odd = codebook(Float32Array.of(-0, 1e-45, 3.4e38, 0), { dim: 2, codewords: [1, 1] });
    expect(parseCodebook(joinBytes(serializeCodebook(odd)), 'b.safetensors')).toEqual(odd);
  });

  it('is laid out as docs/format.md says', () => {
    const { tensors, metadata } = parseSafetensors(joinBytes(serializeCodebook(book)), 'b.safetensors');
    expect([...metadata]).toEqual([
      ['format', 'residual-vq codebook'],
      ['version', '1'],
      ['id', book.id],
    ]);
    expect(tensors.map(({ name, type, shape }) => [name, type, shape])).toEqual(book.codewords.map((size, m) => [`stage.${m}`, 'F32', [size, 3]]));
  });

  it('is read where another program saved it again, with stage.10 before stage.2', () => {
    const read = parseCodebook(fixture('resaved.safetensors'), 'resaved.safetensors');
    expect(read).toEqual(book);
    expect(read.id).toBe('fe22f3995890a01aab54a25a9b716d8f');
  });

  it('is known to be corrupted by its id', () => {
    const bytes = joinBytes(serializeCodebook(book));
    bytes[bytes.length - 1] ^= 1;
    expect(refusal(bytes)).toMatch(
      /__metadata__ "id": expected [0-9a-f]{32}, as its shape and data have, got "fe22[0-9a-f]{28}": the file is corrupted/,
    );
    expect(refusal(file([stage('stage.0', [2, 2])]))).toMatch(/the file is corrupted/);
  });

  it('is refused where a codeword is not finite', () => {
    const tensor = { ...stage('stage.0', [1, 2]), data: Float32Array.of(1, Number.NaN) };
    expect(refusal(file([tensor]))).toBe('b.safetensors: data: row 0, element 1: expected a finite float32, got NaN');
  });

  it('is refused in a version that is not known, by name', () => {
    const stages = [stage('stage.0', [2, 2])];
    expect(refusal(file(stages, { version: '2' }))).toBe(
      'b.safetensors: __metadata__ "version": expected version "1" of residual-vq codebook, got "2": a newer residual-vq wrote it',
    );
    expect(refusal(file(stages, { version: 'x' }))).toMatch(/got "x"$/);
    expect(refusal(file(stages, { format: 'residual-vq codes' }))).toMatch(/expected "residual-vq codebook", got "residual-vq codes"/);
    expect(refusal(fixture('mixed.safetensors'))).toMatch(/expected "residual-vq codebook", got "np"/);
  });

  it('is refused where tensors are missing, foreign, or do not fit each other', () => {
    expect(refusal(file([]))).toMatch(/expected tensors stage.0, stage.1, ..., got none/);
    expect(refusal(file([stage('stage.1', [2, 2])]))).toMatch(/expected its one tensor to be stage.0, got "stage.1"/);
    expect(refusal(file([stage('stage.0', [2, 2]), stage('stage.2', [2, 2])]))).toMatch(/expected 2 tensors, stage.0 to stage.1, got "stage.2"/);
    expect(refusal(file([stage('stage.0', [2, 2]), stage('stage.00', [2, 2])]))).toMatch(/got "stage.00"/);
    expect(refusal(file([stage('stage.0', [2, 2]), stage('stage.1', [2, 3])]))).toMatch(/expected dim 2, as stage.0 has, got shape \[2, 3\]/);
    expect(refusal(file([stage('stage.0', [4])]))).toMatch(/expected F32 of shape \[codewords, dim\], got F32 of shape \[4\]/);
    for (const shape of [
      [0, 2],
      [2, 0],
      [65537, 1],
      [1, 4097],
    ])
      expect(refusal(file([stage('stage.0', shape)]))).toMatch(/expected 1 to 65,536 codewords of dim 1 to 4,096/);
  });

  it('is not written where its data are no longer those of its id', () => {
    expect(errorOf(() => serializeCodebook({ ...book, id: 'x' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^codebook.id: expected fe22/),
    });
  });
});
