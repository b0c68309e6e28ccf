//! All stages of a codebook.

use super::stage::Stage;

pub struct Codebook {
    pub dim: usize,
    pub stages: Vec<Stage>,
}

impl Codebook {
    /// `values`: stage after stage, row-major; `codewords`: how many a stage. None where memory does not suffice.
    pub fn new(values: &[f32], dim: usize, codewords: &[u32]) -> Option<Codebook> {
        let mut stages = Vec::with_capacity(codewords.len());
        let mut rest = values;
        for &count in codewords {
            let (stage, after) = rest.split_at(count as usize * dim);
            stages.push(Stage::new(stage, dim)?);
            rest = after;
        }
        Some(Codebook { dim, stages })
    }

    /// The most codewords of a stage.
    pub fn widest(&self) -> usize {
        self.stages.iter().map(|stage| stage.count).max().unwrap_or(0)
    }
}
