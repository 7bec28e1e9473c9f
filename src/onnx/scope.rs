//! The operations that layers consist of.

use std::fmt::Display;

use burn::tensor::Tensor;

use super::graph::{Graph, Value};
use super::proto::{AttributeProto, AttributeType};
use crate::kernels::add_enlarged::Enlargement;

/// A part of a network, which names its operations and weights in the graph after its own path.
#[derive(Debug)]
pub struct Scope<'a> {
    graph: &'a mut Graph,
    path: String,
}

impl<'a> Scope<'a> {
    /// A whole network, whose name is `path`.
    pub fn new(graph: &'a mut Graph, path: impl Display) -> Self {
        Self { graph, path: path.to_string() }
    }

    /// A part of this part.
    pub fn child(&mut self, name: impl Display) -> Scope<'_> {
        let path = format!("{}.{name}", self.path);
        Scope { graph: self.graph, path }
    }

    /// A constant, such as a weight.
    pub fn constant<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Value {
        self.graph.weight(format!("{}.{name}", self.path), tensor)
    }

    /// `x` `[n, in]` times the transpose of `weight` `[out, in]`, plus `bias` `[out]`.
    pub fn linear(&mut self, x: &Value, weight: Tensor<2>, bias: Tensor<1>) -> Value {
        let (weight, bias) = (self.constant("weight", weight), self.constant("bias", bias));
        self.add_operation("Gemm", &[x, &weight, &bias], vec![int("transB", 1)])
    }

    /// A convolution of `[n, in, height, width]` with `weight` `[out, in, size, size]` and `bias` `[out]`, padded with
    /// `(size - 1) / 2` zeros on each side, as in [`conv2d`](crate::kernels::conv2d::conv2d()).
    pub fn conv2d(&mut self, x: &Value, weight: Tensor<4>, bias: Tensor<1>, stride: usize) -> Value {
        let padding = (weight.dims()[2] as i64 - 1) / 2;
        let attributes = vec![ints("pads", &[padding; 4]), ints("strides", &[stride as i64; 2])];
        let (weight, bias) = (self.constant("weight", weight), self.constant("bias", bias));
        self.add_operation("Conv", &[x, &weight, &bias], attributes)
    }

    /// Doubles height and width of `[n, channels, height, width]`.
    pub fn enlarge(&mut self, x: &Value, enlargement: Enlargement) -> Value {
        let attributes = match enlargement {
            Enlargement::Nearest => vec![
                string("mode", "nearest"),
                string("coordinate_transformation_mode", "asymmetric"),
                string("nearest_mode", "floor"),
            ],
            Enlargement::Bilinear => {
                vec![string("mode", "linear"), string("coordinate_transformation_mode", "half_pixel")]
            }
        };
        let name = self.graph.next_name(&self.path, "Resize");
        let scales = self.graph.floats(format!("{name}.scales"), &[1.0, 1.0, 2.0, 2.0]);
        self.add_operation("Resize", &[x, &Value::none(), &scales], attributes)
    }

    /// Halves height and width of `[n, channels, height, width]` by averaging squares of 2x2; sizes must be even.
    pub fn halve(&mut self, x: &Value) -> Value {
        self.add_operation("AveragePool", &[x], vec![ints("kernel_shape", &[2; 2]), ints("strides", &[2; 2])])
    }

    /// The sums over positions, `[n, channels, height, width]` to `[n, channels]`.
    pub fn sum_positions(&mut self, x: &Value) -> Value {
        let name = self.graph.next_name(&self.path, "ReduceSum");
        let axes = self.graph.integers(format!("{name}.axes"), &[2, 3]);
        self.add_operation("ReduceSum", &[x, &axes], vec![int("keepdims", 0)])
    }

    /// The same numbers in another shape after the batch, in which one size may be -1: what is left.
    pub fn reshape(&mut self, x: &Value, dims: &[i64]) -> Value {
        let name = self.graph.next_name(&self.path, "Reshape");
        // ONNX's 0 keeps a size.
        let shape = self.graph.integers(format!("{name}.shape"), &[&[0], dims].concat());
        self.add_operation("Reshape", &[x, &shape], Vec::new())
    }

    /// `[n, ..]` to `[n, features]`.
    pub fn flatten(&mut self, x: &Value) -> Value {
        self.add_operation("Flatten", &[x], vec![int("axis", 1)])
    }

    /// A number for each channel of images: the only row of `table` `[1, channels]`, as `[1, channels, 1, 1]`; or, if
    /// there are weights `[n, rows]`, the sums of its rows, as `[n, channels, 1, 1]`.
    ///
    /// # Panics
    /// If there are several rows, but no weights.
    pub fn channels(&mut self, name: &str, table: Tensor<2>, weights: Option<&Value>) -> Value {
        let channels = table.dims()[1];
        match weights {
            None => self.constant(name, table.reshape([1, channels, 1, 1])),
            Some(weights) => {
                let table = self.constant(name, table);
                let sums = self.add_operation("MatMul", &[weights, &table], Vec::new());
                self.reshape(&sums, &[channels as i64, 1, 1])
            }
        }
    }

    /// The sum; sizes of 1 are repeated.
    pub fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.add_operation("Add", &[a, b], Vec::new())
    }

    /// The product, element by element; sizes of 1 are repeated.
    pub fn multiply(&mut self, a: &Value, b: &Value) -> Value {
        self.add_operation("Mul", &[a, b], Vec::new())
    }

    /// ReLU.
    pub fn relu(&mut self, x: &Value) -> Value {
        self.add_operation("Relu", &[x], Vec::new())
    }

    /// Leaky ReLU.
    pub fn leaky_relu(&mut self, x: &Value, slope: f32) -> Value {
        self.add_operation("LeakyRelu", &[x], vec![float("alpha", slope)])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&mut self, x: &Value) -> Value {
        self.add_operation("Tanh", &[x], Vec::new())
    }

    /// Logits `[n, labels]` to probabilities.
    pub fn softmax(&mut self, x: &Value) -> Value {
        self.add_operation("Softmax", &[x], vec![int("axis", 1)])
    }

    fn add_operation(&mut self, operator: &str, inputs: &[&Value], attributes: Vec<AttributeProto>) -> Value {
        self.graph.operation(&self.path, operator, inputs, attributes)
    }
}

fn attribute(name: &str, of: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: of.into(), ..AttributeProto::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i: Some(i), ..attribute(name, AttributeType::Int) }
}

fn ints(name: &str, list: &[i64]) -> AttributeProto {
    AttributeProto { ints: list.to_vec(), ..attribute(name, AttributeType::Ints) }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f: Some(f), ..attribute(name, AttributeType::Float) }
}

fn string(name: &str, s: &str) -> AttributeProto {
    AttributeProto { s: Some(s.as_bytes().to_vec()), ..attribute(name, AttributeType::String) }
}
