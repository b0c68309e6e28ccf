//! What the joint refinement of all stages needs of the core: a product with the matrix of its normal equations, which is never made.

/// Adds to `to` of each row's codewords the sum of the row's codewords in `from`; where `rows` are given, what that sum leaves of the row.
/// All values are added in the order of the rows and stages, in f64.
///
/// `places[row * stages + stage]` counts codewords through all stages; `from` and `to` are codewords x dim, `rows` is rows x dim or empty.
pub fn spread(places: &[u32], stages: usize, dim: usize, from: &[f64], rows: &[f32], to: &mut [f64]) {
    let mut sum = vec![0.0f64; dim];
    let at = |place: &u32| *place as usize * dim;
    for (i, places) in places.chunks_exact(stages).enumerate() {
        sum.copy_from_slice(&from[at(&places[0])..][..dim]);
        for place in &places[1..] {
            sum.iter_mut().zip(&from[at(place)..][..dim]).for_each(|(sum, &value)| *sum += value);
        }
        if !rows.is_empty() {
            sum.iter_mut().zip(&rows[i * dim..][..dim]).for_each(|(sum, &value)| *sum = f64::from(value) - *sum);
        }
        for place in places {
            to[at(place)..][..dim].iter_mut().zip(&sum).for_each(|(to, &value)| *to += value);
        }
    }
}
