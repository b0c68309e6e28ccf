//! The verbs on slices: algorithms and their bounds, no intrinsics, no unsafe.
#![forbid(unsafe_code)]

pub mod beam;
pub mod codebook;
pub mod decode;
pub mod encode;
pub mod joint;
pub mod kmeans;
pub mod measure;
pub mod nearest;
pub mod project;
pub mod rows;
pub mod stage;

pub use codebook::Codebook;
pub use kmeans::Assigner;
pub use rows::Code;
