// The matrices of spectral norm. A kernel binds `table`, which has two entries for each.

// A matrix: its first element, its rows and columns, and the first elements of its left and right vector.
struct Matrix {
    first: u32,
    rows: u32,
    columns: u32,
    left: u32,
    right: u32,
}

fn matrix_of(index: u32) -> Matrix {
    let sizes = table[2u * index];
    return Matrix(sizes.x, sizes.y, sizes.z, sizes.w, table[2u * index + 1u].x);
}
