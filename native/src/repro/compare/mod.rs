//! `slgan repro compare`: what is the same in several reports, what rounding explains, and where runs part.
//!
//! The library compares; this shows the result as text, JSON, Markdown or a page.

mod command;
mod figures;
mod files;
mod markdown;
mod overview;
mod page;
mod text;

pub use command::run;
