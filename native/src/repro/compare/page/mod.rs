//! A comparison as one page, to open offline or to mail.
//!
//! It loads nothing from outside and has no script. Text from reports is escaped, because they come from others.

mod curves;
mod document;
mod pictures;
mod plot;
mod sections;

pub use document::render;
