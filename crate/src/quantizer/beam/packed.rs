//! Rows as int16 quads for products alone: the norms are added in f32.

use super::scores::widest;
use crate::kernels::continuations::products;
use crate::kernels::distance::square_distance;
use crate::kernels::pack::{self, QUAD};
use crate::kernels::{stride, Native};
use crate::quantizer::stage::Stage;
use crate::quantizer::Codebook;

/// Rows less a center, with what the bound of their products needs, and the products of four of them.
pub struct Packed {
    quads: Vec<i16>,
    scales: Vec<f32>,
    /// Raised a little, where the squares are as they came out.
    norms: Vec<f64>,
    squares: Vec<f64>,
    roundings: Vec<f64>,
    columns: usize,
    /// `products[row * columns + k]`
    products: Vec<i16>,
    zeros: Vec<i16>,
}

/// What packing found out about a row.
#[derive(Clone, Copy)]
pub struct RowFacts {
    pub scale: f32,
    /// At least the norm; the square is as f32 arithmetic gives it.
    pub norm: f64,
    pub square: f64,
    /// The norm of what rounding to int16 changed, in its steps.
    pub rounding: f64,
}

impl Packed {
    pub fn bytes(codebook: &Codebook, rows: usize) -> f64 {
        (rows.div_ceil(QUAD) * (2 * pack::quad_len(codebook.dim) + 28 * QUAD) + 2 * (QUAD + 1) * widest(codebook)) as f64
    }

    #[inline(never)]
    pub fn new(codebook: &Codebook, rows: usize) -> Packed {
        let quads = rows.div_ceil(QUAD);
        Packed {
            quads: vec![0; quads * pack::quad_len(codebook.dim)],
            scales: vec![0.0; quads * QUAD],
            norms: vec![0.0; quads * QUAD],
            squares: vec![0.0; quads * QUAD],
            roundings: vec![0.0; quads * QUAD],
            columns: 0,
            products: vec![0; QUAD * widest(codebook)],
            zeros: vec![0; widest(codebook)],
        }
    }

    /// Takes rows (padded), less the stage's center.
    #[inline(never)]
    pub fn load(&mut self, stage: &Stage, rows: &[f32]) {
        let stride = stride(stage.dim);
        let count = rows.len() / stride;
        for (q, quad) in self.quads.chunks_exact_mut(pack::quad_len(stage.dim)).take(count.div_ceil(QUAD)).enumerate() {
            // a ragged last quad repeats the last row
            let quad_rows: [&[f32]; QUAD] = core::array::from_fn(|i| &rows[(q * QUAD + i).min(count - 1) * stride..][..stride]);
            for (i, row) in quad_rows.into_iter().enumerate() {
                let square = square_distance::<Native>(row, &stage.center);
                let norm = stage.centered_norm(square, row);
                self.squares[q * QUAD + i] = f64::from(square);
                let largest = pack::largest::<Native>(row, &stage.center);
                let scale = Stage::plain_scale(norm, largest);
                self.norms[q * QUAD + i] = norm;
                self.scales[q * QUAD + i] = scale;
                self.roundings[q * QUAD + i] = pack::rounding_square::<Native>(row, &stage.center, scale).sqrt();
            }
            let scales = core::array::from_fn(|i| self.scales[q * QUAD + i]);
            pack::quad::<Native>(quad_rows, &stage.center, scales, stage.dim, quad);
        }
    }

    pub fn facts(&self, row: usize) -> RowFacts {
        RowFacts { scale: self.scales[row], norm: self.norms[row], square: self.squares[row], rounding: self.roundings[row] }
    }

    /// Makes the products of the four rows of a quad with a stage's codewords, with the norms of those, in steps of each row.
    pub fn multiply(&mut self, stage: &Stage, norms: &[f32], steps: [f64; QUAD], quad: usize) {
        let quad_len = pack::quad_len(stage.dim);
        // a factor that would be infinite belongs to products that are all zero
        let factors = core::array::from_fn(|i| (stage.product_factor(self.scales[quad * QUAD + i]) / steps[i]).max(f64::from(f32::MIN)) as f32);
        let per_step = steps.map(|step| (1.0 / step) as f32);
        self.columns = norms.len();
        let mut base = self.products.chunks_exact_mut(norms.len());
        let base = core::array::from_fn(|_| base.next().unwrap_or_default());
        products::<Native>(&self.quads[quad * quad_len..][..quad_len], stage.panels(), stage.offsets(), norms, per_step, factors, base);
    }

    /// A row of as many values that changes no sum.
    pub fn zeros(&self) -> &[i16] {
        &self.zeros[..self.columns]
    }

    /// Those of one of the four, for each codeword.
    pub fn products(&self, row: usize) -> &[i16] {
        &self.products[row * self.columns..][..self.columns]
    }
}
