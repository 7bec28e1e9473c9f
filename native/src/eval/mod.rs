//! `slgan eval`: how good images are, of a run or from anywhere.

mod command;
mod print;
mod real;
mod real_cache;
mod subject;

pub use command::eval;
