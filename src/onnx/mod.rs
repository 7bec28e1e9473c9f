//! Networks as ONNX files, which other programs run: operations, weights and what describes them.
//!
//! Layers add their own operations to a [`Graph`], in a `describe` beside their `forward`; nothing here knows a network.
//! Operations mean what version 17 of the standard operators says (<https://onnx.ai/onnx/operators/>). A graph computes
//! in f32, and its first axis, the batch, may have any size.

mod graph;
pub mod proto;
mod scope;

pub use graph::{Graph, Value};
pub use scope::Scope;
