//! The exports: numbers only. Pointers are byte offsets into this module's memory, lengths count elements.
//!
//! The caller reserves memory, copies in, calls, copies out, releases; nothing here keeps a pointer that it was given. What
//! stays between calls are codebooks and assigners, each named by the number that `*_open` returns (0: memory did not suffice).
//! The caller has checked shapes: `rows` rows of the codebook's dim, codes below their stage's codewords.
#![allow(unsafe_code)]

use crate::quantizer::beam::{self, Method, Tables};
use crate::quantizer::{self, Assigner, Code, Codebook};
use core::slice::{from_raw_parts, from_raw_parts_mut};
use std::alloc::{alloc_zeroed, dealloc, Layout};
use wasm_bindgen::prelude::wasm_bindgen;

/// Every reservation is aligned to a SIMD vector.
const ALIGNMENT: usize = 16;

/// Zeroed bytes for the caller's use, or 0 where memory cannot grow.
#[wasm_bindgen]
pub fn reserve(bytes: usize) -> usize {
    match Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: the layout's size is not zero.
        Ok(layout) => unsafe { alloc_zeroed(layout) as usize },
        Err(_) => 0,
    }
}

/// Gives back what `reserve(bytes)` returned.
#[wasm_bindgen]
pub fn release(pointer: usize, bytes: usize) {
    if let Ok(layout) = Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: the caller passes a pointer and size of one reservation, once.
        unsafe { dealloc(pointer as *mut u8, layout) }
    }
}

/// A codebook, and its tables for beam search once they were built.
struct Resident {
    codebook: Codebook,
    tables: Option<Tables>,
}

/// `values`: the codewords of all stages, dim floats each; `codewords`: how many each of the `stages` stages has, u32.
#[wasm_bindgen]
pub fn codebook_open(values: usize, dim: usize, codewords: usize, stages: usize) -> usize {
    // SAFETY: the caller reserved and filled both arrays.
    let (values, codewords) = unsafe {
        let codewords: &[u32] = slice(codewords, stages);
        let total: usize = codewords.iter().map(|&count| count as usize).sum();
        (slice::<f32>(values, total * dim), codewords)
    };
    open(Codebook::new(values, dim, codewords).map(|codebook| Resident { codebook, tables: None }))
}

#[wasm_bindgen]
pub fn codebook_close(codebook: usize) {
    // SAFETY: the caller passes what codebook_open returned, once.
    unsafe { close::<Resident>(codebook) }
}

/// Rows to codes of `code_bytes` (1 or 2) bytes. Returns -1, or the index of the first value that is not finite: then no code is written.
#[wasm_bindgen]
pub fn encode(codebook: usize, values: usize, rows: usize, codes: usize, code_bytes: usize) -> f64 {
    // SAFETY: an open codebook; the caller reserved rows x dim floats and rows x stages codes.
    unsafe {
        let codebook = &borrow::<Resident>(codebook).codebook;
        let values = slice(values, rows * codebook.dim);
        let count = rows * codebook.stages.len();
        match code_bytes {
            1 => index_of(quantizer::encode::encode::<u8>(codebook, values, slice_mut(codes, count))),
            _ => index_of(quantizer::encode::encode::<u16>(codebook, values, slice_mut(codes, count))),
        }
    }
}

/// How beam search takes least time for so many rows within so many bytes: 1 by tables, 2 by residuals, 0 not at all.
#[wasm_bindgen]
pub fn beam_method(codebook: usize, beam: usize, rows: f64, bytes: f64) -> usize {
    // SAFETY: an open codebook.
    let Resident { codebook, tables } = unsafe { borrow(codebook) };
    let fits = |method| beam::memory(codebook, beam, method) <= bytes;
    match beam::fastest(codebook, beam, rows, tables.is_some()) {
        Method::Tables if fits(Method::Tables) => 1,
        _ if fits(Method::Residuals) => 2,
        _ => 0,
    }
}

/// Bytes that beam search takes by method 1 or 2.
#[wasm_bindgen]
pub fn beam_memory(codebook: usize, beam: usize, method: usize) -> f64 {
    let method = if method == 1 { Method::Tables } else { Method::Residuals };
    // SAFETY: an open codebook.
    beam::memory(unsafe { &borrow::<Resident>(codebook).codebook }, beam, method)
}

/// Builds the tables of a codebook, where it has none: 1, or 0 where memory does not suffice.
#[wasm_bindgen]
pub fn tables_build(codebook: usize) -> usize {
    // SAFETY: an open codebook that nobody else uses during the call.
    let Resident { codebook, tables } = unsafe { &mut *(codebook as *mut Resident) };
    if tables.is_none() {
        *tables = Tables::new(codebook);
    }
    usize::from(tables.is_some())
}

/// As `encode`, with a beam, by method 1 (the tables are built) or 2.
#[wasm_bindgen]
pub fn beam_encode(codebook: usize, values: usize, rows: usize, codes: usize, code_bytes: usize, beam: usize, method: usize) -> f64 {
    // SAFETY: an open codebook; the caller reserved rows x dim floats and rows x stages codes.
    unsafe {
        let Resident { codebook, tables } = borrow(codebook);
        let tables = tables.as_ref().filter(|_| method == 1);
        let values = slice(values, rows * codebook.dim);
        let count = rows * codebook.stages.len();
        match code_bytes {
            1 => index_of(beam::encode::<u8>(codebook, tables, values, beam, slice_mut(codes, count))),
            _ => index_of(beam::encode::<u16>(codebook, tables, values, beam, slice_mut(codes, count))),
        }
    }
}

fn index_of<T>(result: Result<T, usize>) -> f64 {
    result.map_or_else(|index| index as f64, |_| -1.0)
}

/// One stage of beam search, see [`beam::extend`]: `residuals` (rows x entries x dim floats) to `next` (rows x keep x dim floats) and
/// `chosen` (rows x keep u32), by a codebook of one stage. Returns the summed squared error of the first entries.
#[wasm_bindgen]
pub fn beam_extend(codebook: usize, residuals: usize, rows: usize, entries: usize, keep: usize, next: usize, chosen: usize) -> f64 {
    // SAFETY: an open codebook; the caller reserved the three arrays.
    unsafe {
        let codebook = &borrow::<Resident>(codebook).codebook;
        let residuals = slice(residuals, rows * entries * codebook.dim);
        beam::extend(codebook, residuals, entries, keep, slice_mut(next, rows * keep * codebook.dim), slice_mut(chosen, rows * keep))
    }
}

/// Codes to rows, with the first `prefix` stages.
#[wasm_bindgen]
pub fn decode(codebook: usize, codes: usize, code_bytes: usize, rows: usize, prefix: usize, values: usize) {
    // SAFETY: an open codebook; the caller reserved rows x stages codes and rows x dim floats.
    unsafe {
        let codebook = &borrow::<Resident>(codebook).codebook;
        let values = slice_mut(values, rows * codebook.dim);
        let count = rows * codebook.stages.len();
        match code_bytes {
            1 => quantizer::decode::decode::<u8>(codebook, slice(codes, count), prefix, values),
            _ => quantizer::decode::decode::<u16>(codebook, slice(codes, count), prefix, values),
        }
    }
}

/// Writes to `sums` (stages + 1 doubles) the rows' summed squared norm, and their summed squared error after each stage.
#[wasm_bindgen]
pub fn measure(codebook: usize, values: usize, rows: usize, codes: usize, code_bytes: usize, sums: usize) {
    // SAFETY: an open codebook; the caller reserved all three arrays.
    unsafe {
        let codebook = &borrow::<Resident>(codebook).codebook;
        let stages = codebook.stages.len();
        let values = slice(values, rows * codebook.dim);
        let sums: &mut [f64] = slice_mut(sums, stages + 1);
        sums.fill(0.0);
        match code_bytes {
            1 => measure_as::<u8>(codebook, values, codes, rows * stages, sums),
            _ => measure_as::<u16>(codebook, values, codes, rows * stages, sums),
        }
    }
}

/// # Safety
/// `codes` points to `count` codes.
unsafe fn measure_as<C: Code + 'static>(codebook: &Codebook, values: &[f32], codes: usize, count: usize, sums: &mut [f64]) {
    // SAFETY: as the caller of this function says.
    quantizer::measure::measure::<C>(codebook, values, unsafe { slice(codes, count) }, sums);
}

/// Rows (rows x from floats) through a linear map: `weight` has to x from floats, `bias` to floats, or is 0 for none. Writes rows x to floats to
/// `projected`: 1, or 0 where memory does not suffice.
#[wasm_bindgen]
pub fn project(values: usize, rows: usize, from: usize, to: usize, weight: usize, bias: usize, projected: usize) -> usize {
    // SAFETY: the caller reserved all four arrays; one of no elements may lie anywhere but at 0.
    unsafe {
        let bias = if bias == 0 { &[] } else { slice(bias, to) };
        let projected = slice_mut(projected, rows * to);
        usize::from(quantizer::project::project(slice(values, rows * from), from, slice(weight, to * from), bias, projected).is_some())
    }
}

/// `codewords`: count x dim floats; `grid`: see `Assigner::new`.
#[wasm_bindgen]
pub fn assigner_open(codewords: usize, count: usize, dim: usize, grid: f64) -> usize {
    // SAFETY: the caller reserved count x dim floats.
    open(Assigner::new(unsafe { slice(codewords, count * dim) }, dim, grid))
}

#[wasm_bindgen]
pub fn assigner_close(assigner: usize) {
    // SAFETY: the caller passes what assigner_open returned, once.
    unsafe { close::<Assigner>(assigner) }
}

/// Writes the nearest codeword of each row to `codes` (u16), adds to the sums, and returns the summed distance.
#[wasm_bindgen]
pub fn assigner_assign(assigner: usize, values: usize, rows: usize, dim: usize, codes: usize) -> f64 {
    // SAFETY: an open assigner that nobody else uses during the call; the caller reserved both arrays.
    unsafe { (*(assigner as *mut Assigner)).assign(slice(values, rows * dim), slice_mut(codes, rows)) }
}

/// Writes the distance (squared error) of each row to the codeword of its code (u16) to `distances` (doubles).
#[wasm_bindgen]
pub fn assigner_distances(assigner: usize, values: usize, rows: usize, dim: usize, codes: usize, distances: usize) {
    // SAFETY: an open assigner that nobody else uses during the call; the caller reserved the arrays, and codes are below its codewords.
    unsafe { (*(assigner as *mut Assigner)).distances(slice(values, rows * dim), slice(codes, rows), slice_mut(distances, rows)) }
}

/// Writes the sums (count x dim doubles) and the counts (count doubles).
#[wasm_bindgen]
pub fn assigner_read(assigner: usize, count: usize, dim: usize, sums: usize, counts: usize) {
    // SAFETY: an open assigner; the caller reserved both arrays.
    unsafe { borrow::<Assigner>(assigner).read(slice_mut(sums, count * dim), slice_mut(counts, count)) }
}

/// See [`quantizer::joint::spread`]: `from` and `to` hold `codewords` x dim doubles; `values` rows x dim floats, or 0: no rows.
#[wasm_bindgen]
pub fn joint_spread(places: usize, rows: usize, stages: usize, codewords: usize, dim: usize, from: usize, values: usize, to: usize) {
    // SAFETY: the caller reserved the arrays, and places lie below `codewords`.
    unsafe {
        let values = if values == 0 { &[] } else { slice(values, rows * dim) };
        let (from, to) = (slice(from, codewords * dim), slice_mut(to, codewords * dim));
        quantizer::joint::spread(slice(places, rows * stages), stages, dim, from, values, to);
    }
}

fn open<T>(value: Option<T>) -> usize {
    value.map_or(0, |value| Box::into_raw(Box::new(value)) as usize)
}

/// # Safety
/// `handle` is what `open::<T>` returned, not closed before.
unsafe fn close<T>(handle: usize) {
    // SAFETY: as the caller of this function says.
    drop(unsafe { Box::from_raw(handle as *mut T) });
}

/// # Safety
/// `handle` is what `open::<T>` returned, not closed, and not changed while the reference lives.
unsafe fn borrow<T>(handle: usize) -> &'static T {
    // SAFETY: as the caller of this function says.
    unsafe { &*(handle as *const T) }
}

/// # Safety
/// `pointer` is aligned and points to `len` initialized values that nobody changes during the call.
unsafe fn slice<T>(pointer: usize, len: usize) -> &'static [T] {
    // SAFETY: as the caller of this function says.
    unsafe { from_raw_parts(pointer as *const T, len) }
}

/// # Safety
/// `pointer` is aligned and points to `len` values that nobody else uses during the call.
unsafe fn slice_mut<T>(pointer: usize, len: usize) -> &'static mut [T] {
    // SAFETY: as the caller of this function says.
    unsafe { from_raw_parts_mut(pointer as *mut T, len) }
}
