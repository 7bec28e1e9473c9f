//! A tensor in memory, for the evaluator.

use slgan::onnx::proto::{DataType, TensorProto};

/// Numbers with a shape, the last index fastest. Integers are floats too; ours are small.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
}

impl Tensor {
    pub fn new(dims: &[usize], values: Vec<f32>) -> Self {
        assert_eq!(dims.iter().product::<usize>(), values.len(), "numbers of a tensor of {dims:?}");
        Self { dims: dims.to_vec(), values }
    }

    /// The constant of a file.
    pub fn of(constant: &TensorProto) -> Self {
        let dims: Vec<usize> = constant.dims.iter().map(|&size| size as usize).collect();
        let bytes = &constant.raw_data;
        let values = match constant.data_type() {
            DataType::Float => bytes.as_chunks::<4>().0.iter().map(|&word| f32::from_le_bytes(word)).collect(),
            DataType::Int64 => bytes.as_chunks::<8>().0.iter().map(|&word| i64::from_le_bytes(word) as f32).collect(),
            DataType::Undefined => panic!("{}: no type", constant.name),
        };
        Self::new(&dims, values)
    }

    /// The sizes of an image batch or of the weight of a convolution.
    pub fn dims4(&self) -> [usize; 4] {
        self.dims.as_slice().try_into().unwrap_or_else(|_| panic!("four axes, not {:?}", self.dims))
    }

    pub fn dims2(&self) -> [usize; 2] {
        self.dims.as_slice().try_into().unwrap_or_else(|_| panic!("two axes, not {:?}", self.dims))
    }

    pub fn map(&self, of: impl Fn(f32) -> f32) -> Self {
        Self { dims: self.dims.clone(), values: self.values.iter().map(|&x| of(x)).collect() }
    }
}
