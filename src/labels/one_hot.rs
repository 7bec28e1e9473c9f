//! Labels as one-hot rows, the form that networks and losses take.

use burn::tensor::{Device, Tensor};

use crate::kernels::upload::upload;

/// One-hot rows, `[labels.len(), count]`, on a device.
///
/// # Panics
/// If a label is `count` or more.
pub fn one_hot(labels: &[usize], count: usize, device: &Device) -> Tensor<2> {
    upload(one_hot_rows(labels, count), [labels.len(), count], device)
}

/// One-hot rows, one after the other.
///
/// # Panics
/// As [`one_hot`].
pub fn one_hot_rows(labels: &[usize], count: usize) -> Vec<f32> {
    let mut rows = vec![0.0; labels.len() * count];
    for (row, &label) in rows.chunks_exact_mut(count).zip(labels) {
        row[label] = 1.0;
    }
    rows
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
