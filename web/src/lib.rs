//! The page's wasm module: a thin face on the library, for one web worker.
//!
//! It turns JavaScript's strings and bytes into the library's types and back, and gives the browser its turn between
//! steps. What is computed is the library's; what is shown is the page's.

mod archive;
#[cfg(feature = "checks")]
mod checks;
mod controls;
mod device;
mod files;
#[cfg(target_family = "wasm")]
mod memory;
mod model;
mod run;
mod settings;
mod shell;

use std::cell::RefCell;
use std::error::Error;
use std::panic;

use js_sys::Function;
use slgan::image::Picture;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// Who hears of a panic.
    static PANIC_LISTENER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Runs once, when the module has been loaded.
#[wasm_bindgen(start)]
pub fn start() {
    call_constructors();
    panic::set_hook(Box::new(|info| {
        PANIC_LISTENER.with_borrow(|listener| {
            if let Some(listener) = listener {
                let _ = listener.call1(&wasm_bindgen::JsValue::NULL, &info.to_string().into());
            }
        });
    }));
}

/// Calls the static constructors, of which a dependency has some. Unless the module does so itself, the linker makes
/// every export call all of them each time, and a step then takes many times as long.
fn call_constructors() {
    #[cfg(target_family = "wasm")]
    {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }
        // SAFETY: the linker defines it, it takes nothing, and this is its only call.
        unsafe { __wasm_call_ctors() };
    }
}

/// Sets who is told the words of a panic, before the trap that follows ends this worker.
#[wasm_bindgen]
pub fn on_panic(listener: Function) {
    PANIC_LISTENER.set(Some(listener));
}

/// RGBA pixels, row by row, as a PNG file; their opacity is left out.
///
/// # Errors
/// If there are not four bytes a pixel.
#[wasm_bindgen]
pub fn png(rgba: &[u8], width: usize, height: usize) -> Result<Vec<u8>, JsError> {
    if rgba.len() != 4 * width * height {
        return Err(JsError::new(&format!("{width}x{height} pixels take 4 bytes each, found {}", rgba.len())));
    }
    let (pixels, _) = rgba.as_chunks::<4>();
    let rgb = pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
    Ok(Picture { width, height, rgb }.png())
}

/// A picture as the canvas takes it.
fn rgba(picture: &Picture) -> Vec<u8> {
    let (pixels, _) = picture.rgb.as_chunks::<3>();
    pixels.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]).collect()
}

/// An error with its causes, as one sentence for the page.
fn sentence(error: impl Error) -> JsError {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Some errors repeat their cause's words.
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    JsError::new(&words)
}
