//! The page's wasm module: a thin layer over the library, for one web worker.
//!
//! It converts JavaScript's strings and bytes to the library's types and back, and lets the browser run between steps.
//! It computes nothing itself (the library does) and shows nothing (the page does).

mod archive;
#[cfg(feature = "checks")]
mod checks;
mod controls;
mod data_sets;
mod device;
mod files;
mod foreign;
#[cfg(target_family = "wasm")]
mod memory;
mod model;
mod pixels;
#[cfg(feature = "checks")]
mod repro;
mod run;
mod sentence;
mod settings;
mod shell;
mod slices;
mod unpack;

use std::cell::RefCell;
use std::panic;

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// The page's function for panics.
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

/// Calls the static constructors of a dependency. If the module did not, the linker would make every export call them
/// all each time, and a step would take many times as long.
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

/// Sets the function that gets a panic's message, before the trap that follows ends this worker.
#[wasm_bindgen]
pub fn on_panic(listener: Function) {
    PANIC_LISTENER.set(Some(listener));
}
