//! Parameters by name.
//!
//! burn gives parameters random identifiers, so the path of the field is the key of state that must outlive a process.
//! Values travel flat (`[count]`), so the optimiser and the moving averages can ignore ranks.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

/// Flat tensors by the path of their parameter, for example `blocks.0.conv.weight`.
pub type Named = BTreeMap<String, Tensor<1>>;

/// The value of every parameter, without autodiff.
pub fn values<M: Module>(module: &M) -> Named {
    let mut found = Named::new();
    visit(module, |path, tensor| {
        found.insert(path, tensor);
    });
    found
}

/// The shape of every parameter.
pub fn shapes<M: Module>(module: &M) -> BTreeMap<String, Vec<usize>> {
    let mut visitor = ShapeVisitor::default();
    module.visit(&mut visitor);
    visitor.found
}

/// The gradients of the parameters that have one; `module` is the tracked module of the backward pass.
pub fn gradients<M: Module>(module: &M, gradients: &mut Gradients) -> Named {
    let mut visitor = GradientVisitor { path: Path::default(), gradients, found: Named::new() };
    module.visit(&mut visitor);
    visitor.found
}

/// The module with the values in `values`; other parameters stay as they are.
pub fn with_values<M: Module>(module: M, values: &mut Named) -> M {
    module.map(&mut Replacement { path: Path::default(), values })
}

fn visit<M: Module>(module: &M, each: impl FnMut(String, Tensor<1>)) {
    module.visit(&mut ValueVisitor { path: Path::default(), each });
}

/// The fields on the way to the current parameter.
#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    /// The variant of an enum is not part of a name, because it never changes in a network.
    fn enter(&mut self, name: &str, container: &str) {
        self.0.push(if container.starts_with("Enum") { String::new() } else { name.to_owned() });
    }

    fn exit(&mut self) {
        self.0.pop();
    }

    fn name(&self) -> String {
        self.0.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// The two hooks that keep track of a visitor's path.
macro_rules! keep_path {
    () => {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.exit();
        }
    };
}

struct ValueVisitor<F> {
    path: Path,
    each: F,
}

impl<F: FnMut(String, Tensor<1>)> ModuleVisitor for ValueVisitor<F> {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        (self.each)(self.path.name(), param.val().without_autodiff().flatten(0, D - 1));
    }
}

#[derive(Default)]
struct ShapeVisitor {
    path: Path,
    found: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for ShapeVisitor {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.insert(self.path.name(), param.dims().to_vec());
    }
}

struct GradientVisitor<'a> {
    path: Path,
    gradients: &'a mut Gradients,
    found: Named,
}

impl ModuleVisitor for GradientVisitor<'_> {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad_remove(self.gradients) {
            self.found.insert(self.path.name(), gradient.flatten(0, D - 1));
        }
    }
}

struct Replacement<'a> {
    path: Path,
    values: &'a mut Named,
}

impl ModuleMapper for Replacement<'_> {
    keep_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.remove(&self.path.name()) {
            Some(value) => {
                let shape = param.dims();
                param.map(|_| value.reshape(shape))
            }
            None => param,
        }
    }
}
