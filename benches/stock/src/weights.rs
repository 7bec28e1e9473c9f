//! Puts slgan's weights into burn's modules.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

/// Values by parameter path in slgan, for example `blocks.0.conv.weight`.
pub type Weights = BTreeMap<String, TensorData>;

/// The module with the values of `weights`.
///
/// # Panics
/// If a name is missing or left over, or a shape does not fit.
pub fn with_weights<M: Module>(module: M, weights: Weights) -> M {
    let mut loader = Loader { path: Vec::new(), weights };
    let module = module.map(&mut loader);
    let left: Vec<&String> = loader.weights.keys().collect();
    assert!(left.is_empty(), "weights that no layer has: {left:?}");
    module
}

/// A step on the way to the current parameter.
struct Step {
    name: String,
    container: String,
}

struct Loader {
    path: Vec<Step>,
    weights: Weights,
}

impl Loader {
    /// The path in slgan, which has no wrappers around layers, and other names in batch normalisation.
    fn name(&self) -> String {
        let parts = self.path.iter().filter(|step| !step.container.starts_with("Enum")).map(|step| step.name.as_str());
        let parts = parts.filter(|name| *name != "layer").map(|name| match name {
            "gamma" => "scale",
            "beta" => "shift",
            "running_mean" => "mean",
            "running_var" => "variance",
            same => same,
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// The weight of a linear layer is `[out, in]` in slgan and `[in, out]` in burn. An embedding has the labels first
    /// in both.
    fn is_transposed(&self) -> bool {
        let [.., last] = self.path.as_slice() else { return false };
        last.container == "Struct:Linear" && last.name == "weight" && self.path[0].name != "embedding"
    }
}

impl ModuleMapper for Loader {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.push(Step { name: name.to_owned(), container: container_type.to_owned() });
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.name();
        let Some(data) = self.weights.remove(&name) else { panic!("{name}: there is no such weight") };
        let shape = param.dims();
        let mut values: Vec<f32> = data.iter().collect();
        if self.is_transposed() {
            values = transposed(&values, shape[0]);
        }
        param.map(|old| Tensor::from_data(TensorData::new(values, shape), &old.device()))
    }
}

/// A matrix of `columns` columns, in the order of its transpose.
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns)).copied().collect()
}
