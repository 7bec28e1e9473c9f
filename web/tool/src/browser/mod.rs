//! A real browser with one page, driven over the DevTools protocol.
//!
//! Whatever goes wrong in the page or in its workers is collected on the way, so that a test need not look for it.

mod connection;
mod input;
mod launch;
mod page;
mod watch;

pub use page::{Options, Page};
