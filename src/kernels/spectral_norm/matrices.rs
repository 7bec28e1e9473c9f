//! Where the weights of a network and their vectors lie in the buffers that they share.

use crate::kernels::pack::Places;

/// A weight of any rank, as the matrix whose rows are the elements of its first axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrix {
    /// Its first element in the buffer of the weights.
    pub first: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// The first element of its left vector `[rows]` in the buffer of the left vectors.
    pub left: usize,
    /// The first element of its right vector `[columns]` in the buffer of the right vectors.
    pub right: usize,
}

impl Matrix {
    /// Elements.
    pub fn count(&self) -> usize {
        self.rows * self.columns
    }
}

/// The matrices in a buffer of weights. Between them may lie anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrices {
    list: Vec<Matrix>,
    lefts: Places,
    rights: Places,
}

impl Matrices {
    /// Matrices by the offset of each weight in its buffer, and by its shape; offsets ascend.
    ///
    /// # Panics
    /// If there is no matrix, one has no elements, or two share elements.
    pub fn new(weights: &[(usize, Vec<usize>)]) -> Self {
        let sizes: Vec<[usize; 2]> = weights.iter().map(|(_, dims)| [dims[0], dims[1..].iter().product()]).collect();
        let places = |axis: usize| Places::new(&sizes.iter().map(|sizes| sizes[axis]).collect::<Vec<_>>());
        let (lefts, rights) = (places(0), places(1));
        let vectors = lefts.offsets().iter().zip(rights.offsets());
        let list: Vec<Matrix> = weights
            .iter()
            .zip(&sizes)
            .zip(vectors)
            .map(|(((first, _), &[rows, columns]), (&left, &right))| Matrix {
                first: *first,
                rows,
                columns,
                left,
                right,
            })
            .collect();
        assert!(!list.is_empty() && list.iter().all(|matrix| matrix.count() > 0), "matrices have elements");
        let apart = list.windows(2).all(|pair| pair[0].first + pair[0].count() <= pair[1].first);
        assert!(apart, "matrices share no elements, and their offsets ascend");
        Self { list, lefts, rights }
    }

    /// The matrices, in the order of their offsets.
    pub fn list(&self) -> &[Matrix] {
        &self.list
    }

    /// The places of the left vectors in their buffer.
    pub fn lefts(&self) -> &Places {
        &self.lefts
    }

    /// The places of the right vectors in their buffer.
    pub fn rights(&self) -> &Places {
        &self.rights
    }

    /// The end of the last matrix.
    pub fn end(&self) -> usize {
        self.list.last().map_or(0, |matrix| matrix.first + matrix.count())
    }
}
