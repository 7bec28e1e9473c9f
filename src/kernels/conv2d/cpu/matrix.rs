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

/// Where a product goes: a matrix in a slice, stored row by row.
pub struct Target<'a> {
    data: &'a mut [f32],
    row_stride: usize,
    adds: bool,
}

impl<'a> Target<'a> {
    /// The product replaces a matrix with `width` elements per row.
    pub fn replaced(data: &'a mut [f32], width: usize) -> Self {
        Self { data, row_stride: width, adds: false }
    }

    /// The product is added to a matrix with `width` elements per row.
    pub fn added_to(data: &'a mut [f32], width: usize) -> Self {
        Self { data, row_stride: width, adds: true }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        columns <= self.row_stride && (rows - 1) * self.row_stride + columns <= self.data.len()
    }
}

/// `a * b` for `a` of `rows` x `inner` and `b` of `inner` x `columns`.
///
/// # Panics
/// If a slice is too short.
pub fn multiply(target: Target, a: Matrix, b: Matrix, [rows, inner, columns]: [usize; 3]) {
    let fits = target.holds(rows, columns) && a.holds(rows, inner) && b.holds(inner, columns);
    assert!(fits, "a product's sizes");
    // SAFETY: the assertion keeps every access inside its slice, and the target is borrowed exclusively.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            target.data.as_mut_ptr(),
            1,
            target.row_stride as isize,
            target.adds,
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
