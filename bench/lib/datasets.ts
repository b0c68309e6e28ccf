// Three data sets that codebooks are judged on, each in rows to train on and others to test: SIFT descriptors, hand-written digits, patches of photographs.
import { readFileSync } from 'node:fs';
import { decode as decodeJpeg } from 'jpeg-js';
import type { Matrix } from 'residual-vq';
import { parseNpyVectors } from '../../ts/formats/npy.ts';
import { siftRows } from './data.ts';

export interface DataSet {
  readonly name: string;
  readonly train: Matrix;
  readonly test: Matrix;
  readonly stages: number;
  readonly codewords: number;
}

export function dataSets(): DataSet[] {
  const sift = { train: siftRows('train'), test: siftRows('base') };
  return [
    { name: 'SIFT', ...sift, stages: 8, codewords: 256 },
    { name: 'digits', ...everyFifth(digits()), stages: 8, codewords: 64 },
    { name: 'patches', ...everyFifth(patches()), stages: 8, codewords: 256 },
    { name: 'SIFT, 16 stages', ...sift, stages: 16, codewords: 256 },
  ];
}

function bytesOf(name: string): Uint8Array {
  return readFileSync(new URL(`../../data/${name}`, import.meta.url));
}

function digits(): Matrix {
  return parseNpyVectors(bytesOf('digits.npy'), 'digits.npy');
}

/** 8 x 8 pixels of three colours side by side: dim 192. */
function patches(): Matrix {
  const [size, dim] = [8, 192];
  const values: number[] = [];
  for (const name of ['china.jpg', 'flower.jpg']) {
    const { width, height, data } = decodeJpeg(bytesOf(name));
    for (let top = 0; top + size <= height; top += size) {
      for (let left = 0; left + size <= width; left += size) {
        for (let i = 0; i < dim; i++) {
          const pixel = (top + Math.floor(i / (3 * size))) * width + left + (Math.floor(i / 3) % size);
          values.push(data[4 * pixel + (i % 3)]);
        }
      }
    }
  }
  return { data: Float32Array.from(values), rows: values.length / dim, dim };
}

/** Every fifth row tests. */
function everyFifth(rows: Matrix): { train: Matrix; test: Matrix } {
  const numbers = Array.from({ length: rows.rows }, (_, i) => i);
  const tests = (i: number) => i % 5 === 0;
  return {
    train: pick(
      rows,
      numbers.filter((i) => !tests(i)),
    ),
    test: pick(rows, numbers.filter(tests)),
  };
}

function pick({ data, dim }: Matrix, numbers: readonly number[]): Matrix {
  const picked = new Float32Array(numbers.length * dim);
  for (const [i, row] of numbers.entries()) picked.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
  return { data: picked, rows: numbers.length, dim };
}
