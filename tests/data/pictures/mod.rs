//! Single pictures: what their content decides, whether they are whole, their pixels, and their memory.

mod content;
mod cut;
mod memory;
mod mutated;
mod pixels;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use slgan::data::picture::{PictureFault, decode};
use slgan::data::{DataError, ImageShape};

/// Pictures of 28 x 20 pixels that `tests/fixtures/make_pictures.py` has drawn.
const DRAWN: [(&str, &[u8]); 14] = [
    ("baseline.jpg", include_bytes!("../../fixtures/pictures/baseline.jpg")),
    ("progressive.jpg", include_bytes!("../../fixtures/pictures/progressive.jpg")),
    ("restarts.jpg", include_bytes!("../../fixtures/pictures/restarts.jpg")),
    ("thumbnail.jpg", include_bytes!("../../fixtures/pictures/thumbnail.jpg")),
    ("grey.jpg", include_bytes!("../../fixtures/pictures/grey.jpg")),
    ("cmyk.jpg", include_bytes!("../../fixtures/pictures/cmyk.jpg")),
    ("lossy.webp", include_bytes!("../../fixtures/pictures/lossy.webp")),
    ("clear.webp", include_bytes!("../../fixtures/pictures/clear.webp")),
    ("moving.webp", include_bytes!("../../fixtures/pictures/moving.webp")),
    ("moving.gif", include_bytes!("../../fixtures/pictures/moving.gif")),
    ("moving.png", include_bytes!("../../fixtures/pictures/moving.png")),
    ("fax.tif", include_bytes!("../../fixtures/pictures/fax.tif")),
    ("jpeg.tif", include_bytes!("../../fixtures/pictures/jpeg.tif")),
    ("lzw.tif", include_bytes!("../../fixtures/pictures/lzw.tif")),
];

const SHAPE: ImageShape = ImageShape { channels: 3, size: 12 };

/// The drawn pictures, and one of each format that `image` writes.
fn all() -> Vec<(String, Vec<u8>)> {
    let drawn = DRAWN.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    let clear =
        RgbaImage::from_fn(11, 14, |x, y| Rgba([(x * 23) as u8, (y * 18) as u8, (x * y) as u8, (x * 20) as u8]));
    let encoded = [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP]
        .map(|format| (format!("clear {format:?}"), encode(clear.clone(), format)));
    drawn.chain(encoded).collect()
}

fn drawn(name: &str) -> Vec<u8> {
    DRAWN.iter().find(|(other, _)| *other == name).unwrap().1.to_vec()
}

fn encode(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn pixels(bytes: &[u8]) -> Result<Vec<u8>, PictureFault> {
    decode("x", bytes, SHAPE).map_err(fault)
}

#[track_caller]
fn fault(error: DataError) -> PictureFault {
    match error {
        DataError::Picture { file, fault } if file == "x" => fault,
        other => panic!("{other}"),
    }
}
