//! Runs the network of an ONNX file, one operation after the other.

use std::collections::BTreeMap;

use slgan::onnx::proto::{AttributeProto, AttributeType, GraphProto, NodeProto};

use crate::operators as of;
use crate::tensor::Tensor;

/// The outputs of a network by name.
///
/// # Panics
/// If an operation reads what is not there yet, a name is used twice, or an operator or setting is unknown.
pub fn outputs(graph: &GraphProto, inputs: &[(&str, Tensor)]) -> BTreeMap<String, Tensor> {
    let mut values = BTreeMap::new();
    let put = |values: &mut BTreeMap<String, Tensor>, name: &str, tensor| {
        assert!(values.insert(name.to_owned(), tensor).is_none(), "two values are called {name}");
    };
    for constant in &graph.initializer {
        put(&mut values, &constant.name, Tensor::of(constant));
    }
    assert_eq!(graph.input.len(), inputs.len(), "inputs");
    for (info, (name, tensor)) in graph.input.iter().zip(inputs) {
        assert_eq!(info.name, *name);
        put(&mut values, name, tensor.clone());
    }
    for node in &graph.node {
        let [output] = node.output.as_slice() else { panic!("{}: one output", node.name) };
        let result = evaluate(node, &values);
        put(&mut values, output, result);
    }
    graph.output.iter().map(|info| (info.name.clone(), values[&info.name].clone())).collect()
}

fn evaluate(node: &NodeProto, values: &BTreeMap<String, Tensor>) -> Tensor {
    let read = |name: &String| values.get(name).unwrap_or_else(|| panic!("{}: there is no {name} yet", node.name));
    let inputs: Vec<&Tensor> = node.input.iter().filter(|name| !name.is_empty()).map(read).collect();
    let mut settings = Settings::of(node);
    let result = match (node.op_type.as_str(), inputs.as_slice()) {
        ("Identity", &[x]) => x.clone(),
        ("Gemm", &[a, b, c]) => {
            assert_eq!(settings.int("transB"), 1);
            of::gemm(a, b, c)
        }
        ("MatMul", &[a, b]) => of::matmul(a, b),
        ("Conv", &[x, weight, bias]) => {
            let (pads, strides) = (settings.ints("pads"), settings.ints("strides"));
            assert!(pads.iter().all(|pad| *pad == pads[0]) && strides[0] == strides[1]);
            of::conv(x, weight, bias, pads[0] as usize, strides[0] as usize)
        }
        ("Resize", &[x, scales]) => {
            // The second input, the region, is left out.
            assert_eq!(node.input[1], "");
            let (mode, coordinates) = (settings.text("mode"), settings.text("coordinate_transformation_mode"));
            match (mode.as_str(), coordinates.as_str()) {
                ("nearest", "asymmetric") if settings.text("nearest_mode") == "floor" => of::resize_nearest(x, scales),
                ("linear", "half_pixel") => of::resize_linear(x, scales),
                other => panic!("{}: {other:?}", node.name),
            }
        }
        ("AveragePool", &[x]) => {
            assert_eq!((settings.ints("kernel_shape"), settings.ints("strides")), (vec![2, 2], vec![2, 2]));
            of::average_pool(x)
        }
        ("ReduceSum", &[x, axes]) => {
            assert_eq!((settings.int("keepdims"), axes.values.as_slice()), (0, &[2.0, 3.0][..]));
            of::sum_positions(x)
        }
        ("Reshape", &[x, shape]) => of::reshape(x, shape),
        ("Flatten", &[x]) => {
            assert_eq!(settings.int("axis"), 1);
            Tensor::new(&[x.dims[0], x.dims[1..].iter().product()], x.values.clone())
        }
        ("Add", &[a, b]) => of::elementwise(a, b, |a, b| a + b),
        ("Mul", &[a, b]) => of::elementwise(a, b, |a, b| a * b),
        ("Relu", &[x]) => x.map(|x| x.max(0.0)),
        ("LeakyRelu", &[x]) => {
            let alpha = settings.float("alpha");
            x.map(|x| if x < 0.0 { alpha * x } else { x })
        }
        ("Tanh", &[x]) => x.map(|x| f64::from(x).tanh() as f32),
        ("Softmax", &[x]) => {
            assert_eq!(settings.int("axis"), 1);
            of::softmax(x)
        }
        (operator, inputs) => panic!("{}: {operator} with {} inputs", node.name, inputs.len()),
    };
    assert!(settings.0.is_empty(), "{}: unknown settings {:?}", node.name, settings.0);
    result
}

/// The settings of an operation that nobody has read yet.
struct Settings(BTreeMap<String, AttributeProto>);

impl Settings {
    fn of(node: &NodeProto) -> Self {
        Self(node.attribute.iter().map(|attribute| (attribute.name.clone(), attribute.clone())).collect())
    }

    fn take(&mut self, name: &str, of: AttributeType) -> AttributeProto {
        let attribute = self.0.remove(name).unwrap_or_else(|| panic!("there is no setting {name}"));
        assert_eq!(attribute.r#type(), of, "{name}");
        attribute
    }

    fn int(&mut self, name: &str) -> i64 {
        self.take(name, AttributeType::Int).i.expect("an integer")
    }

    fn float(&mut self, name: &str) -> f32 {
        self.take(name, AttributeType::Float).f.expect("a float")
    }

    fn ints(&mut self, name: &str) -> Vec<i64> {
        self.take(name, AttributeType::Ints).ints
    }

    fn text(&mut self, name: &str) -> String {
        String::from_utf8(self.take(name, AttributeType::String).s.expect("a text")).expect("UTF-8")
    }
}
