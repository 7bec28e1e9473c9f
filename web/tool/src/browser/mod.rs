//! A real browser with one page, driven over the DevTools protocol.
//!
//! It collects all errors in the page and in its workers, so that tests need not look for them.

mod connection;
mod input;
mod launch;
mod page;
mod watch;

pub use page::{Options, Page};
