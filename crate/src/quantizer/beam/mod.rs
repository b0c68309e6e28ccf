//! Beam search: from stage to stage the best B partial encodings of each row, instead of one.
//!
//! An entry goes on with any codeword; the definition's distance ranks all continuations, ties to the earlier entry and
//! then the lower codeword, and the best B are the next entries. Most of them are told apart by scores alone (`scores.rs`); the few that
//! could be among the best (`select.rs`) are measured by the definition (`entries.rs`). The bound is derived in docs/exactness.md.

mod by_residuals;
pub mod by_tables;
mod definition;
mod entries;
mod greedy;
mod packed;
pub mod paths;
mod scores;
mod select;
mod sums;
mod tables;

pub use tables::Tables;

use super::rows::{first_not_finite, Code, Tile, TILE};
use super::Codebook;
use crate::kernels::distance::distance;
use crate::kernels::{stride, Native};
use entries::Entries;
use packed::Packed;
use scores::Scores;

/// Rows of `dim` floats that a tile's entries may hold, so that they stay near the processor.
const ENTRY_FLOATS: usize = 1 << 16;

/// How the search finds the scores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// One product of the row with each stage's codewords, and sums of rows of tables.
    Tables,
    /// A product of every entry's residual with each stage's codewords.
    Residuals,
}

/// Rows of a tile: a whole number of quads.
fn tile_rows(dim: usize, beam: usize) -> usize {
    (ENTRY_FLOATS / (beam * dim)).clamp(4, TILE) / 4 * 4
}

/// Bytes that encoding with this method takes beside the rows, codes and codebook: the tables, and what a tile of rows needs.
pub fn memory(codebook: &Codebook, beam: usize, method: Method) -> f64 {
    match method {
        Method::Tables => Tables::bytes(codebook) + by_tables::memory(codebook, beam),
        Method::Residuals => {
            let entries = Entries::bytes(codebook, tile_rows(codebook.dim, beam), beam, scores::continuations(codebook, beam));
            entries + Packed::bytes(codebook, beam) + Scores::bytes(codebook, beam)
        }
    }
}

/// The method that is done first with so many rows. Times are counted in int16 multiply-adds, as trained codebooks of dim 32 to 384 with 16 to 1,024
/// codewords in 8 or 16 stages took them: a table value one and a half, a score another five, an entry a thousand or two and what is done with its residual;
/// one of the f32 multiply-adds that build tables four. Entries are multiplied four at a time.
pub fn fastest(codebook: &Codebook, beam: usize, rows: f64, tables_built: bool) -> Method {
    let dim = codebook.dim as f64;
    let (mut tables, mut residuals, mut build) = (0.0, 0.0, 0.0);
    let mut entries = 1.0f64;
    let mut before = 0.0;
    for (m, stage) in codebook.stages.iter().enumerate() {
        let count = stage.count as f64;
        let before_it = m as f64;
        tables += count * dim + entries * (count * (1.5 * before_it + 5.0) + 2.0 * before_it * dim + 2000.0);
        residuals += count * dim * 4.0 * (entries / 4.0).ceil() + entries * (count * 5.0 + 16.0 * dim + 1000.0);
        build += 4.0 * dim * count * before;
        before += count;
        entries = (entries * count).min(beam as f64);
    }
    let saved = rows * (residuals - tables);
    if saved > if tables_built { 0.0 } else { build } {
        Method::Tables
    } else {
        Method::Residuals
    }
}

/// `rows[row * dim + j]` to `codes[row * stages + stage]`, by tables where they are given. Where a value is not finite, its index is the
/// error and nothing is written.
pub fn encode<C: Code>(codebook: &Codebook, tables: Option<&Tables>, rows: &[f32], beam: usize, codes: &mut [C]) -> Result<(), usize> {
    if let Some(index) = first_not_finite(rows) {
        return Err(index);
    }
    let mut codes = codes.iter_mut();
    let found = &mut |path: &[u16]| {
        for (&index, code) in path.iter().zip(codes.by_ref()) {
            *code = C::from_index(usize::from(index));
        }
    };
    match tables {
        Some(tables) => by_tables::search(codebook, tables, rows, beam, found),
        None => search_by_residuals(codebook, rows, beam, found),
    }
    Ok(())
}

/// Calls `found` with the codewords of each row, in their order.
fn search_by_residuals(codebook: &Codebook, rows: &[f32], beam: usize, found: &mut dyn FnMut(&[u16])) {
    let (dim, stages) = (codebook.dim, codebook.stages.len());
    let at_once = tile_rows(dim, beam);
    let mut tile = Tile::new(dim);
    let mut entries = Entries::new(codebook, at_once, beam);
    let mut packed = Packed::new(codebook, beam);
    let mut scores = Scores::new(codebook, beam);
    for rows in rows.chunks(at_once * dim) {
        entries.start(tile.load(rows));
        for stage in 0..stages {
            // of the last stage's entries only the best is asked for
            let keep = if stage + 1 == stages { 1 } else { beam };
            (0..entries.rows()).for_each(|row| by_residuals::extend(codebook, stage, row, keep, &mut entries, &mut packed, &mut scores));
            entries.advance();
        }
        (0..entries.rows()).for_each(|row| found(entries.path(row, 0)));
    }
}

/// One stage of the search alone, as training does them: of rows that have `count` entries each, the best `keep` continuations with the
/// codewords of a codebook of one stage. There are as many: keep <= count * codewords.
///
/// `residuals[(row * count + entry) * dim + j]` are finite; written are `next[(row * keep + entry) * dim + j]` and
/// `chosen[row * keep + entry]`, which is the entry gone on with x 65,536 + the codeword. The summed squared error of the first entries is
/// returned, by the definition, added row by row.
pub fn extend(codebook: &Codebook, residuals: &[f32], count: usize, keep: usize, next: &mut [f32], chosen: &mut [u32]) -> f64 {
    let dim = codebook.dim;
    let beam = count.max(keep);
    if beam == 1 {
        return greedy::extend(&codebook.stages[0], residuals, next, chosen);
    }
    let at_once = tile_rows(dim, beam);
    let mut entries = Entries::new(codebook, at_once, beam);
    let mut packed = Packed::new(codebook, beam);
    let mut scores = Scores::new(codebook, beam);
    let zero = vec![0.0; stride(dim)];
    let mut error = 0.0;
    let blocks = next.chunks_mut(at_once * keep * dim).zip(chosen.chunks_mut(at_once * keep));
    for (residuals, (next, chosen)) in residuals.chunks(at_once * count * dim).zip(blocks) {
        entries.resume(residuals, dim, count);
        (0..entries.rows()).for_each(|row| by_residuals::extend(codebook, 0, row, keep, &mut entries, &mut packed, &mut scores));
        entries.advance();
        let places = next.chunks_exact_mut(keep * dim).zip(chosen.chunks_exact_mut(keep));
        for (row, (next, chosen)) in places.enumerate() {
            for (entry, (next, chosen)) in next.chunks_exact_mut(dim).zip(chosen).enumerate() {
                next.copy_from_slice(&entries.residual(row, entry)[..dim]);
                *chosen = entries.last(row, entry).number();
            }
            error += distance::<Native>(entries.residual(row, 0), &zero);
        }
    }
    error
}
