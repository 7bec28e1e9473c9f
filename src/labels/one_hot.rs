//! Labels as one-hot rows, the form that networks and losses take.

use burn::tensor::{Device, Tensor};

use crate::kernels::upload::upload;

/// One-hot rows, `[labels.len(), count]`.
///
/// # Panics
/// If a label is `count` or more.
pub fn one_hot(labels: &[usize], count: usize, device: &Device) -> Tensor<2> {
    let mut rows = vec![0.0f32; labels.len() * count];
    for (row, &label) in rows.chunks_exact_mut(count).zip(labels) {
        row[label] = 1.0;
    }
    upload(rows, [labels.len(), count], device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_marks_its_label() {
        let rows = one_hot(&[2, 0], 3, &Device::flex());
        assert_eq!(rows.dims(), [2, 3]);
        assert_eq!(rows.into_data().iter::<f32>().collect::<Vec<_>>(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }
}
