//! One battery for the crate, run on the host with portable lanes. The same cases go through the module itself in test/parity.test.ts.

mod beam;
mod beam_bound;
mod bound;
mod exact;
mod project;
mod support;
