//! A real browser with one page: Chromium, driven over the DevTools protocol, or another, driven over WebDriver.
//!
//! It collects errors in the page, so that tests need not look for them.

mod devtools;
mod driver;
mod engine;
mod input;
mod page;
mod process;
mod webdriver;

pub use driver::Window;
pub use engine::Engine;
pub use page::{Options, Page};
