//! Moving averages of whole networks.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// A moving average after it has followed a network, including the statistics of batch normalisation.
pub fn averaged<M: Module>(average: M, network: &M, decay: f64) -> M {
    let mut values = Values(Vec::new());
    network.valid().visit(&mut values);
    values.0.reverse();
    average.map(&mut Mover { values, decay })
}

/// The values of a module's parameters, each flat.
struct Values(Vec<Tensor<1>>);

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().flatten(0, D - 1));
    }
}

/// Moves parameters towards values. The last value belongs to the first parameter.
struct Mover {
    values: Values,
    decay: f64,
}

impl ModuleMapper for Mover {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let value = self.values.0.pop().expect("an average has the parameters of its network");
        param.map(|old| {
            let shape = old.dims();
            old * self.decay + value.reshape(shape) * (1.0 - self.decay)
        })
    }
}
