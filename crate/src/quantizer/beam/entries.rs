//! The beams of a tile of rows: residual, distance and codewords so far of each entry, best first.

use super::select::{to_front, Continuation};
use crate::kernels::distance::{self, square_distance};
use crate::kernels::{residual, stride, Native};
use crate::quantizer::stage::square_error;
use crate::quantizer::Codebook;

pub struct Entries {
    stride: usize,
    stages: usize,
    beam: usize,
    now: Generation,
    next: Generation,
    ranked: Vec<(f64, Continuation)>,
}

/// The entries of all rows after one stage: those of row i begin at i * beam.
struct Generation {
    /// Entries of each row.
    counts: Vec<usize>,
    /// `residuals[(row * beam + entry) * stride + j]`
    residuals: Vec<f32>,
    /// The distance of the last stage, which is the squared norm of the residual, to within `square_error`.
    distances: Vec<f64>,
    /// `paths[(row * beam + entry) * stages + stage]`
    paths: Vec<u16>,
    /// What the last stage made each entry of.
    last: Vec<Continuation>,
}

impl Generation {
    fn new(rows: usize, beam: usize, stride: usize, stages: usize) -> Generation {
        let entries = rows * beam;
        Generation {
            counts: Vec::with_capacity(rows),
            residuals: vec![0.0; entries * stride],
            distances: vec![0.0; entries],
            paths: vec![0; entries * stages],
            last: vec![Continuation::new(0, 0); entries],
        }
    }
}

impl Entries {
    pub fn bytes(codebook: &Codebook, rows: usize, beam: usize, continuations: f64) -> f64 {
        // two generations, and at worst every continuation ranked
        (2 * (rows * beam * (4 * stride(codebook.dim) + 2 * codebook.stages.len() + 12) + 8 * rows)) as f64 + 16.0 * continuations
    }

    #[inline(never)]
    pub fn new(codebook: &Codebook, rows: usize, beam: usize) -> Entries {
        let (stride, stages) = (stride(codebook.dim), codebook.stages.len());
        let generation = || Generation::new(rows, beam, stride, stages);
        Entries { stride, stages, beam, now: generation(), next: generation(), ranked: Vec::new() }
    }

    /// One entry a row: the row itself (padded), of which nothing is coded yet.
    pub fn start(&mut self, rows: &[f32]) {
        self.now.counts.clear();
        self.now.counts.resize(rows.len() / self.stride, 1);
        for (i, row) in rows.chunks_exact(self.stride).enumerate() {
            self.now.residuals[i * self.beam * self.stride..][..self.stride].copy_from_slice(row);
            self.now.distances[i * self.beam] = 0.0; // never compared with another
        }
    }

    /// `count` entries a row, of which nothing but the residuals is known: `residuals[(row * count + entry) * dim + j]`.
    pub fn resume(&mut self, residuals: &[f32], dim: usize, count: usize) {
        self.now.counts.clear();
        self.now.counts.resize(residuals.len() / (count * dim), count);
        for (row, residuals) in residuals.chunks_exact(count * dim).enumerate() {
            for (entry, residual) in residuals.chunks_exact(dim).enumerate() {
                self.now.residuals[(row * self.beam + entry) * self.stride..][..dim].copy_from_slice(residual);
            }
        }
    }

    /// One row, whose entries are added by `put`, best first.
    pub fn start_one(&mut self) {
        self.now.counts.clear();
        self.now.counts.push(0);
    }

    pub fn put(&mut self, residual: &[f32], path: &[u16]) {
        let entry = self.now.counts[0];
        self.now.counts[0] += 1;
        self.now.residuals[entry * self.stride..][..self.stride].copy_from_slice(residual);
        self.now.paths[entry * self.stages..][..path.len()].copy_from_slice(path);
    }

    pub fn rows(&self) -> usize {
        self.now.counts.len()
    }

    /// Entries of a row.
    pub fn count(&self, row: usize) -> usize {
        self.now.counts[row]
    }

    pub fn residual(&self, row: usize, entry: usize) -> &[f32] {
        &self.now.residuals[(row * self.beam + entry) * self.stride..][..self.stride]
    }

    /// The residuals of a row's entries, one after the other.
    pub fn residuals(&self, row: usize) -> &[f32] {
        &self.now.residuals[row * self.beam * self.stride..][..self.count(row) * self.stride]
    }

    pub fn distances(&self, row: usize) -> &[f64] {
        &self.now.distances[row * self.beam..][..self.count(row)]
    }

    /// The codewords of an entry, one a stage; those of stages to come mean nothing.
    pub fn path(&self, row: usize, entry: usize) -> &[u16] {
        &self.now.paths[(row * self.beam + entry) * self.stages..][..self.stages]
    }

    /// What the last stage made the entry of.
    pub fn last(&self, row: usize, entry: usize) -> Continuation {
        self.now.last[row * self.beam + entry]
    }

    /// Makes the best `keep` of the candidates, as the definition ranks them, the row's next entries. Rows come in their order.
    pub fn extend(&mut self, codebook: &Codebook, stage: usize, row: usize, candidates: impl ExactSizeIterator<Item = Continuation>, keep: usize) {
        self.rank(codebook, stage, row, candidates, keep);
        self.ranked.truncate(keep);
        debug_assert_eq!(self.next.counts.len(), row);
        self.next.counts.push(self.ranked.len());
        let codewords = &codebook.stages[stage];
        for (entry, &(distance, continuation)) in self.ranked.iter().enumerate() {
            let from = row * self.beam + continuation.entry();
            let to = row * self.beam + entry;
            let residual = &mut self.next.residuals[to * self.stride..][..self.stride];
            let parent = &self.now.residuals[from * self.stride..][..self.stride];
            residual::difference::<Native>(residual, parent, codewords.codeword(continuation.codeword()));
            self.next.distances[to] = distance;
            self.next.last[to] = continuation;
            let path = &mut self.next.paths[to * self.stages..][..=stage];
            path.copy_from_slice(&self.now.paths[from * self.stages..][..=stage]);
            path[stage] = continuation.codeword() as u16;
        }
    }

    /// Ranks by f32 distances where these tell the first `keep` apart, else by the definition's.
    fn rank(&mut self, codebook: &Codebook, stage: usize, row: usize, candidates: impl ExactSizeIterator<Item = Continuation>, keep: usize) {
        let codewords = &codebook.stages[stage];
        let residual = |c: Continuation| &self.now.residuals[(row * self.beam + c.entry()) * self.stride..][..self.stride];
        let order = |a: &(f64, Continuation), b: &(f64, Continuation)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        self.ranked.clear();
        self.ranked.reserve_exact(candidates.len());
        self.ranked.extend(candidates.map(|c| (f64::from(square_distance::<Native>(residual(c), codewords.codeword(c.codeword()))), c)));
        let first = self.ranked.len().min(keep + 1);
        to_front(&mut self.ranked, first, order);
        let apart = |pair: &[(f64, Continuation)]| pair[1].0 - pair[0].0 > 2.0 * square_error(pair[1].0, codebook.dim);
        let best = &self.ranked[..first];
        let sound = best.iter().all(|ranked| (1e-30..1e36).contains(&ranked.0));
        if sound && best.windows(2).all(apart) {
            return;
        }
        for (distance, continuation) in &mut self.ranked {
            let exact = distance::distance::<Native>(residual(*continuation), codewords.codeword(continuation.codeword()));
            // a distance that overflowed (infinite or NaN) comes last
            *distance = if exact < f64::INFINITY { exact } else { f64::INFINITY };
        }
        to_front(&mut self.ranked, keep.min(first), order);
    }

    /// The next entries become the present ones.
    pub fn advance(&mut self) {
        core::mem::swap(&mut self.now, &mut self.next);
        self.next.counts.clear();
    }
}
