//! A graph that grows by one operation at a time, and its bytes.

use burn::tensor::{ExecutionError, Tensor};
use prost::Message;

use super::proto::{
    AttributeProto, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// Version of the standard operators. Every runtime of the last years has it.
const OPERATORS: i64 = 17;

/// The version of the file format that came with these operators.
const FORMAT: i64 = 8;

/// Name of the batch axis, whose size calls choose.
const BATCH: &str = "n";

/// A tensor of a graph: an input, a constant, or what an operation makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

/// Operations and constants. Weights stay on their device until the graph is written.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<NodeProto>,
    weights: Vec<Weight>,
    /// Shapes and other short lists.
    lists: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
}

/// Numbers from a device.
#[derive(Debug)]
struct Weight {
    name: String,
    dims: Vec<usize>,
    values: Tensor<1>,
}

impl Graph {
    /// Adds an input with the shape `[n, dims..]`.
    pub fn input(&mut self, name: &str, dims: &[usize]) -> Value {
        self.inputs.push(info(name, dims));
        Value(name.to_owned())
    }

    /// Makes `value` an output with the shape `[n, dims..]`.
    pub fn output(&mut self, name: &str, value: &Value, dims: &[usize]) {
        self.nodes.push(node("Identity", &[value], name.to_owned(), Vec::new()));
        self.outputs.push(info(name, dims));
    }

    /// Adds a tensor of numbers that never change.
    pub(super) fn weight<const D: usize>(&mut self, name: String, tensor: Tensor<D>) -> Value {
        let dims = tensor.dims().to_vec();
        self.weights.push(Weight { name: name.clone(), dims, values: tensor.flatten(0, D - 1) });
        Value(name)
    }

    /// Adds a list of floats.
    pub(super) fn floats(&mut self, name: String, list: &[f32]) -> Value {
        self.list(name, DataType::Float, list.len(), list.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    /// Adds a list of integers.
    pub(super) fn integers(&mut self, name: String, list: &[i64]) -> Value {
        self.list(name, DataType::Int64, list.len(), list.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    fn list(&mut self, name: String, of: DataType, length: usize, bytes: Vec<u8>) -> Value {
        self.lists.push(tensor(name.clone(), of, &[length], bytes));
        Value(name)
    }

    /// Adds an operation of the part `path` of the network.
    pub(super) fn operation(
        &mut self,
        path: &str,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        let name = self.next_name(path, operator);
        self.nodes.push(node(operator, inputs, name.clone(), attributes));
        Value(name)
    }

    /// The name of the next operation. Its number makes it unique.
    pub(super) fn next_name(&self, path: &str, operator: &str) -> String {
        format!("{path}/{operator}_{}", self.nodes.len())
    }

    /// The graph as a file, with texts by key that describe it.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn write(self, name: &str, metadata: Vec<(String, String)>) -> Result<Vec<u8>, ExecutionError> {
        let Self { nodes: node, weights, lists: mut initializer, inputs: input, outputs: output } = self;
        for weight in weights {
            initializer.push(weight.read().await?);
        }
        let graph = GraphProto { node, name: name.to_owned(), initializer, input, output };
        let text = |(key, value)| StringStringEntryProto { key, value };
        let model = ModelProto {
            ir_version: FORMAT,
            producer_name: "slgan".to_owned(),
            producer_version: crate::VERSION.to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: OPERATORS }],
            metadata_props: metadata.into_iter().map(text).collect(),
        };
        Ok(model.encode_to_vec())
    }
}

impl Value {
    /// An input that an operation leaves out.
    pub(super) fn none() -> Self {
        Self(String::new())
    }
}

impl Weight {
    async fn read(self) -> Result<TensorProto, ExecutionError> {
        let data = self.values.into_data_async().await?;
        let values = data.as_slice::<f32>().expect("weights are f32");
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Ok(tensor(self.name, DataType::Float, &self.dims, bytes))
    }
}

fn tensor(name: String, of: DataType, dims: &[usize], raw_data: Vec<u8>) -> TensorProto {
    TensorProto { dims: dims.iter().map(|&size| size as i64).collect(), data_type: of.into(), name, raw_data }
}

/// An operation with one result, which has its name.
fn node(operator: &str, inputs: &[&Value], name: String, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|value| value.0.clone()).collect(),
        output: vec![name.clone()],
        name,
        op_type: operator.to_owned(),
        attribute,
    }
}

/// A batch of tensors of floats.
fn info(name: &str, dims: &[usize]) -> ValueInfoProto {
    let batch = Dimension { dim_value: None, dim_param: Some(BATCH.to_owned()) };
    let fixed = dims.iter().map(|&size| Dimension { dim_value: Some(size as i64), dim_param: None });
    let shape = TensorShapeProto { dim: std::iter::once(batch).chain(fixed).collect() };
    let tensor = TensorTypeProto { elem_type: DataType::Float.into(), shape: Some(shape) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
