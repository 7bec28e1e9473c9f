//! Chromium, driven over the DevTools protocol. It collects all errors in the page and in its workers.

mod connection;
mod launch;
mod session;
mod visitor;
mod watch;

pub use session::DevTools;
