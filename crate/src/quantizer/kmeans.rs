//! What k-means needs of the core: nearest codewords with the sums of the rows that chose each.

use super::nearest::Search;
use super::rows::{zeros, Tile, TILE};
use super::stage::Stage;
use crate::kernels::{accumulate, distance, stride, Native};

/// One stage's codewords, and the sums and counts of the rows assigned to them so far.
pub struct Assigner {
    stage: Stage,
    /// Padded rows: `sums[k * stride + j]`.
    sums: Vec<f64>,
    counts: Vec<f64>,
    tile: Tile,
    search: Search,
    longest: Option<f32>,
    /// See [`accumulate::add_on_grid`].
    magic: f64,
}

impl Assigner {
    /// `codewords[k * dim + j]`; `grid`: a power of two to whose multiples values are rounded before they are added.
    pub fn new(codewords: &[f32], dim: usize, grid: f64) -> Option<Assigner> {
        let stage = Stage::new(codewords, dim)?;
        Some(Assigner {
            sums: zeros(stage.count * stride(dim))?,
            counts: zeros(stage.count)?,
            tile: Tile::new(dim),
            search: Search::new(TILE, dim, stage.count)?,
            longest: None,
            stage,
            magic: 1.5 * 4_503_599_627_370_496.0 * grid,
        })
    }

    /// Writes each row's nearest codeword to `codes`, adds the rows to its sums, and returns the sum of the distances, added row by row.
    pub fn assign(&mut self, rows: &[f32], codes: &mut [u16]) -> f64 {
        let stride = stride(self.stage.dim);
        let mut error = 0.0;
        for (rows, codes) in rows.chunks(TILE * self.stage.dim).zip(codes.chunks_mut(TILE)) {
            let rows = self.tile.load(rows);
            self.search.nearest(None, &self.stage, rows, codes, &mut self.longest);
            for (row, &code) in rows.chunks_exact(stride).zip(&*codes) {
                let code = usize::from(code);
                error += distance::distance::<Native>(row, self.stage.codeword(code));
                accumulate::add_on_grid::<Native>(&mut self.sums[code * stride..][..stride], row, self.magic);
                self.counts[code] += 1.0;
            }
        }
        error
    }

    /// Writes the definition's distance of each row to the codeword of its code: what `assign` adds up, for who adds rows up on several machines.
    pub fn distances(&mut self, rows: &[f32], codes: &[u16], distances: &mut [f64]) {
        let dim = self.stage.dim;
        let tiles = codes.chunks(TILE).zip(distances.chunks_mut(TILE));
        for (rows, (codes, distances)) in rows.chunks(TILE * dim).zip(tiles) {
            let rows = self.tile.load(rows).chunks_exact(stride(dim));
            for (row, (&code, to)) in rows.zip(codes.iter().zip(distances)) {
                *to = distance::distance::<Native>(row, self.stage.codeword(usize::from(code)));
            }
        }
    }

    /// `sums[k * dim + j]` and `counts[k]`.
    pub fn read(&self, sums: &mut [f64], counts: &mut [f64]) {
        let dim = self.stage.dim;
        for (to, from) in sums.chunks_exact_mut(dim).zip(self.sums.chunks_exact(stride(dim))) {
            to.copy_from_slice(&from[..dim]);
        }
        counts.copy_from_slice(&self.counts);
    }
}
