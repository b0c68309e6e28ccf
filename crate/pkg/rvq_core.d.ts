/* tslint:disable */
/* eslint-disable */

/**
 * Writes the nearest codeword of each row to `codes` (u16), adds to the sums, and returns the summed distance.
 */
export function assigner_assign(assigner: number, values: number, rows: number, dim: number, codes: number): number;

export function assigner_close(assigner: number): void;

/**
 * Writes the distance (squared error) of each row to the codeword of its code (u16) to `distances` (doubles).
 */
export function assigner_distances(assigner: number, values: number, rows: number, dim: number, codes: number, distances: number): void;

/**
 * `codewords`: count x dim floats; `grid`: see `Assigner::new`.
 */
export function assigner_open(codewords: number, count: number, dim: number, grid: number): number;

/**
 * Writes the sums (count x dim doubles) and the counts (count doubles).
 */
export function assigner_read(assigner: number, count: number, dim: number, sums: number, counts: number): void;

/**
 * As `encode`, with a beam, by method 1 (the tables are built) or 2.
 */
export function beam_encode(codebook: number, values: number, rows: number, codes: number, code_bytes: number, beam: number, method: number): number;

/**
 * One stage of beam search, see [`beam::extend`]: `residuals` (rows x entries x dim floats) to `next` (rows x keep x dim floats) and
 * `chosen` (rows x keep u32), by a codebook of one stage. Returns the summed squared error of the first entries.
 */
export function beam_extend(codebook: number, residuals: number, rows: number, entries: number, keep: number, next: number, chosen: number): number;

/**
 * Bytes that beam search takes by method 1 or 2.
 */
export function beam_memory(codebook: number, beam: number, method: number): number;

/**
 * How beam search takes least time for so many rows within so many bytes: 1 by tables, 2 by residuals, 0 not at all.
 */
export function beam_method(codebook: number, beam: number, rows: number, bytes: number): number;

export function codebook_close(codebook: number): void;

/**
 * `values`: the codewords of all stages, dim floats each; `codewords`: how many each of the `stages` stages has, u32.
 */
export function codebook_open(values: number, dim: number, codewords: number, stages: number): number;

/**
 * Codes to rows, with the first `prefix` stages.
 */
export function decode(codebook: number, codes: number, code_bytes: number, rows: number, prefix: number, values: number): void;

/**
 * Rows to codes of `code_bytes` (1 or 2) bytes. Returns -1, or the index of the first value that is not finite: then no code is written.
 */
export function encode(codebook: number, values: number, rows: number, codes: number, code_bytes: number): number;

/**
 * See [`quantizer::joint::spread`]: `from` and `to` hold `codewords` x dim doubles; `values` rows x dim floats, or 0: no rows.
 */
export function joint_spread(places: number, rows: number, stages: number, codewords: number, dim: number, from: number, values: number, to: number): void;

/**
 * Writes to `sums` (stages + 1 doubles) the rows' summed squared norm, and their summed squared error after each stage.
 */
export function measure(codebook: number, values: number, rows: number, codes: number, code_bytes: number, sums: number): void;

/**
 * Rows (rows x from floats) through a linear map: `weight` has to x from floats, `bias` to floats, or is 0 for none. Writes rows x to floats to
 * `projected`: 1, or 0 where memory does not suffice.
 */
export function project(values: number, rows: number, from: number, to: number, weight: number, bias: number, projected: number): number;

/**
 * Gives back what `reserve(bytes)` returned.
 */
export function release(pointer: number, bytes: number): void;

/**
 * Zeroed bytes for the caller's use, or 0 where memory cannot grow.
 */
export function reserve(bytes: number): number;

/**
 * Builds the tables of a codebook, where it has none: 1, or 0 where memory does not suffice.
 */
export function tables_build(codebook: number): number;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly assigner_assign: (a: number, b: number, c: number, d: number, e: number) => number;
    readonly assigner_close: (a: number) => void;
    readonly assigner_distances: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly assigner_open: (a: number, b: number, c: number, d: number) => number;
    readonly assigner_read: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly beam_encode: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
    readonly beam_extend: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
    readonly beam_memory: (a: number, b: number, c: number) => number;
    readonly beam_method: (a: number, b: number, c: number, d: number) => number;
    readonly codebook_close: (a: number) => void;
    readonly codebook_open: (a: number, b: number, c: number, d: number) => number;
    readonly decode: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly encode: (a: number, b: number, c: number, d: number, e: number) => number;
    readonly joint_spread: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => void;
    readonly measure: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly project: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
    readonly release: (a: number, b: number) => void;
    readonly reserve: (a: number) => number;
    readonly tables_build: (a: number) => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
