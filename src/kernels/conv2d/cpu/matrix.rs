//! Products of matrices in slices.

/// A matrix in a slice, with the distance between rows and between columns.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix stored row by row, `width` elements per row.
    pub fn rows(data: &'a [f32], width: usize) -> Self {
        Self { data, row_stride: width, column_stride: 1 }
    }

    /// The transpose of a matrix stored row by row, `width` elements per row.
    pub fn columns(data: &'a [f32], width: usize) -> Self {
        Self { data, row_stride: 1, column_stride: width }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        (rows - 1) * self.row_stride + (columns - 1) * self.column_stride < self.data.len()
    }
}

/// What a product does with the content of its output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// It is replaced.
    Replace,
    /// The product is added to it.
    Add,
}

/// `a * b` for `a` of `rows` x `inner` and `b` of `inner` x `columns`; `out` is stored row by row.
///
/// # Panics
/// If a slice is too short, or `out` is not exactly `rows * columns` long.
pub fn multiply(out: &mut [f32], output: Output, a: Matrix, b: Matrix, [rows, inner, columns]: [usize; 3]) {
    assert!(out.len() == rows * columns && a.holds(rows, inner) && b.holds(inner, columns), "a product's sizes");
    // SAFETY: the assertion keeps every access inside its slice, and `out` is borrowed exclusively.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            output == Output::Add,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
