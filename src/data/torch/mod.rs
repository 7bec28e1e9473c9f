//! Weights in PyTorch's files (`torch.save` of a state dictionary), of the format with a zip archive and of the older one.
//!
//! Both hold a pickle, which in Python may run any code. Here nothing runs: the few constructors of tensors are known by
//! name, and everything else becomes a value without meaning.

mod file;
mod pickle;

pub use file::{TorchTensor, read_weights};
