//! Conversion of pictures between the library, the page's canvases and files.

use slgan::image::Picture;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// RGBA pixels, row by row, as a PNG file without opacity.
///
/// # Errors
/// If there are not four bytes per pixel.
#[wasm_bindgen]
pub fn png(rgba: &[u8], width: usize, height: usize) -> Result<Vec<u8>, JsError> {
    if rgba.len() != 4 * width * height {
        return Err(JsError::new(&format!("{width}x{height} pixels need 4 bytes each, found {}", rgba.len())));
    }
    let (pixels, _) = rgba.as_chunks::<4>();
    let rgb = pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
    Ok(Picture { width, height, rgb }.png())
}

/// A picture as RGBA bytes for a canvas.
pub fn rgba(picture: &Picture) -> Vec<u8> {
    let (pixels, _) = picture.rgb.as_chunks::<3>();
    pixels.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]).collect()
}
