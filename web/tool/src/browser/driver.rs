//! What a test can ask of any browser, whatever its protocol.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

/// A place in the window, in CSS pixels from its upper left corner.
pub type Point = (f64, f64);

/// A window's width and height in CSS pixels, and whether it is a mobile device.
pub type Window = (u32, u32, bool);

/// A connection to a browser with one page. Every function fails if the browser refuses, is gone, or does not answer
/// before the deadline.
pub trait Driver {
    /// Waiting fails after this moment.
    fn set_deadline(&mut self, deadline: Instant);

    /// Opens an address.
    fn navigate(&mut self, address: &str) -> Result<()>;

    /// The value of an expression in the page. Waits for promises; fails with what the expression throws.
    fn evaluate(&mut self, expression: &str) -> Result<Value>;

    /// Presses the pointer's button at the first place, moves to all others, and releases it at the last.
    fn stroke(&mut self, places: &[Point]) -> Result<()>;

    /// Presses a key, such as `Enter` or `ArrowRight`, on whatever has the focus.
    fn press(&mut self, key: &str) -> Result<()>;

    /// Chooses files in the file input that a selector finds first, which need not be visible.
    fn choose_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()>;

    /// Drops files on the element that a selector finds first, at this place in it.
    fn drop_files(&mut self, selector: &str, at: Point, files: &[PathBuf]) -> Result<()>;

    /// Resizes the window, and returns the width that it got: desktop browsers do not get as narrow as a phone.
    fn resize(&mut self, window: Window) -> Result<u32>;

    /// The visible page as a PNG file, or with `whole` the entire page where the browser can.
    fn screenshot(&mut self, whole: bool) -> Result<Vec<u8>>;

    /// The messages of all errors in the page so far.
    fn problems(&mut self) -> &mut Vec<String>;
}
