//! How rows pass through the verbs: in tiles of padded rows, so that a tile and what is made of it stay in the first caches.

use crate::kernels::stride;
use core::ops::{Deref, DerefMut};

/// Rows of a tile: so many that a stage, once it is in the second-level cache, serves them all.
pub const TILE: usize = 256;

/// A code as the caller keeps it: one byte or two.
pub trait Code: Copy {
    fn from_index(index: usize) -> Self;
    fn index(self) -> usize;
}

impl Code for u8 {
    fn from_index(index: usize) -> u8 {
        debug_assert!(index < 256);
        index as u8
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    fn from_index(index: usize) -> u16 {
        debug_assert!(index < 65536);
        index as u16
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

/// A tile of rows, each padded with zeros to a whole number of vectors.
pub struct Tile {
    values: Vec<f32>,
    dim: usize,
}

impl Tile {
    pub fn new(dim: usize) -> Tile {
        Tile::of(TILE, dim)
    }

    pub fn of(rows: usize, dim: usize) -> Tile {
        Tile { values: vec![0.0; rows * stride(dim)], dim }
    }

    /// Takes as many rows (row-major) as there is room for, or fewer, and gives them back padded.
    #[inline(never)] // once a tile
    pub fn load(&mut self, rows: &[f32]) -> &mut [f32] {
        let (dim, stride) = (self.dim, stride(self.dim));
        let count = rows.len() / dim;
        debug_assert!(count * stride <= self.values.len() && count * dim == rows.len());
        if dim == stride {
            self.values[..rows.len()].copy_from_slice(rows);
        } else {
            for (to, from) in self.values.chunks_exact_mut(stride).zip(rows.chunks_exact(dim)) {
                to[..dim].copy_from_slice(from);
            }
        }
        &mut self.values[..count * stride]
    }
}

/// Copies rows (row-major) into a new array of padded rows; None where memory does not suffice.
pub fn padded(rows: &[f32], dim: usize) -> Option<Lines<f32>> {
    let stride = stride(dim);
    let mut values = Lines::zeros(rows.len() / dim * stride)?;
    for (to, from) in values.chunks_exact_mut(stride).zip(rows.chunks_exact(dim)) {
        to[..dim].copy_from_slice(from);
    }
    Some(values)
}

/// A zeroed array, or None where memory does not suffice.
pub fn zeros<T: Clone + Default>(len: usize) -> Option<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(len).ok()?;
    values.resize(len, T::default());
    Some(values)
}

/// Zeroed numbers, of which the first begins a line of the caches, so that no vector lies on two.
#[derive(Default)]
pub struct Lines<T> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

/// Bytes of a line.
const LINE: usize = 64;

impl<T: Clone + Default> Lines<T> {
    /// None where memory does not suffice.
    pub fn zeros(len: usize) -> Option<Lines<T>> {
        let line = LINE / size_of::<T>();
        let values = zeros::<T>(len + line)?;
        let start = values.as_ptr().align_offset(LINE).min(line);
        Some(Lines { values, start, len })
    }
}

impl<T> Deref for Lines<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.values[self.start..][..self.len]
    }
}

impl<T> DerefMut for Lines<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..][..self.len]
    }
}

/// The index of the first value that is NaN or infinite.
#[inline(never)] // once a block: one copy of it is enough
pub fn first_not_finite(values: &[f32]) -> Option<usize> {
    const EXPONENT: u32 = 0x7f80_0000;
    let bad = |value: &f32| value.to_bits() & EXPONENT == EXPONENT;
    let step = 64;
    let (chunks, tail) = values.as_chunks::<64>();
    // without a branch a value, so that it compiles to SIMD
    let chunk = chunks.iter().position(|chunk| chunk.iter().fold(false, |any, value| any | bad(value)));
    match chunk {
        Some(at) => chunks[at].iter().position(bad).map(|i| at * step + i),
        None => tail.iter().position(bad).map(|i| chunks.len() * step + i),
    }
}
