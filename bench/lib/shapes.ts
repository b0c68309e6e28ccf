// The shapes that are measured: one in the middle, and from it one factor varied at a time.
import { count } from '../../ts/model/errors.ts';

export interface Shape {
  readonly dim: number;
  readonly stages: number;
  /** Codewords of each stage. */
  readonly codewords: number;
  /** encode's option beam. */
  readonly beam: number;
}

/** Every beam that is measured. */
export const BEAMS: readonly number[] = [1, 5, 16];

export const MIDDLE: Shape = { dim: 128, stages: 8, codewords: 256, beam: 1 };

export type Factor = keyof Shape;

export const VARIED: Readonly<Record<Factor, readonly number[]>> = {
  dim: [32, 96, 128, 384, 768],
  stages: [4, 8, 16],
  codewords: [16, 64, 256, 1024],
  beam: BEAMS,
};

/** Fewer rows, to show how the time grows with them: at the shape in the middle, which is measured with all of them anyway. */
export const ROWS: readonly number[] = [2_500, 5_000, 10_000];

/** The middle with one factor varied, in order; the middle itself among them. */
export function varied(factor: Factor): Shape[] {
  return VARIED[factor].map((value) => ({ ...MIDDLE, [factor]: value }));
}

/** Every shape once, the middle first. */
export function allShapes(): Shape[] {
  const factors: readonly Factor[] = ['dim', 'codewords', 'stages', 'beam'];
  const others = factors.flatMap(varied).filter((shape) => !isMiddle(shape));
  return [MIDDLE, ...others];
}

/** What a quick run measures. */
export const QUICK_SHAPES: readonly Shape[] = [MIDDLE, { ...MIDDLE, beam: 5 }];

/** Whether it is the shape in the middle, greedy. */
export function isMiddle(shape: Shape): boolean {
  return (Object.keys(MIDDLE) as Factor[]).every((factor) => shape[factor] === MIDDLE[factor]);
}

/** "8 x 256, d 128", with the beam where it is not greedy. */
export function shapeName({ dim, stages, codewords, beam }: Shape): string {
  return `${stages} x ${count(codewords)}, d ${dim}${beam === 1 ? '' : `, beam ${beam}`}`;
}

/** Multiply-adds of a row where every codeword of every stage is scored: the unit in which shapes can be compared. */
export function multiplyAdds({ dim, stages, codewords }: Shape): number {
  return dim * stages * codewords;
}
