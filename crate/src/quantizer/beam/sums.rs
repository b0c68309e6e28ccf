//! Sums of table rows along the paths of a row's entries. Entries of one parent have all codewords but the last in common: what these add up to is
//! summed once for them.

use super::tables::StageTables;
use crate::kernels::continuations::{add_four, shift_right};
use crate::kernels::Native;

pub struct Sums {
    columns: usize,
    /// `values[place * columns + k]`
    values: Vec<i16>,
}

impl Sums {
    pub fn bytes(columns: usize, beam: usize) -> f64 {
        (2 * beam * columns) as f64
    }

    pub fn new(columns: usize, beam: usize) -> Sums {
        Sums { columns: 0, values: vec![0; beam * columns] }
    }

    pub fn at(&self, place: usize) -> &[i16] {
        &self.values[place * self.columns..][..self.columns]
    }

    /// Puts in a place the sum of `base` and the table rows of a path's codewords, those halved `shift` times together; `zeros`
    /// is a row that changes no sum.
    pub fn put(&mut self, place: usize, base: &[i16], zeros: &[i16], table: &StageTables, path: &[u16], shift: u32) {
        self.columns = base.len();
        let values = &mut self.values[place * self.columns..][..self.columns];
        let row = |before: usize| if before < path.len() { table.row(before, path[before]) } else { zeros };
        add_four::<Native>(values, false, [if shift == 0 { base } else { zeros }, row(0), row(1), row(2)]);
        for before in (3..path.len()).step_by(4) {
            add_four::<Native>(values, true, [row(before), row(before + 1), row(before + 2), row(before + 3)]);
        }
        if shift > 0 {
            shift_right::<Native>(values, shift);
            add_four::<Native>(values, true, [base, zeros, zeros, zeros]);
        }
    }
}
