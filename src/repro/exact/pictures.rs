//! The drawn digits, and a picture through each decoder.
//!
//! A build without some decoders, such as the page's, has no items for them.

use std::sync::Arc;

use super::item::of_bytes;
use crate::data::picture::decode;
use crate::data::{Dataset, ImageShape};
use crate::repro::report::ExactItem;

/// The shape that pictures are converted to.
const SHAPE: ImageShape = ImageShape { channels: 3, size: 32 };

macro_rules! picture {
    ($name:literal) => {
        ($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/", $name)))
    };
}

/// Pictures that every build can decode.
const ALWAYS: [(&str, &[u8]); 1] = [picture!("moving.png")];

/// Pictures of all other formats.
#[cfg(feature = "pictures")]
const OTHERS: [(&str, &[u8]); 10] = [
    picture!("baseline.jpg"),
    picture!("progressive.jpg"),
    picture!("cmyk.jpg"),
    picture!("grey.jpg"),
    picture!("moving.gif"),
    picture!("lossy.webp"),
    picture!("clear.webp"),
    picture!("fax.tif"),
    picture!("jpeg.tif"),
    picture!("lzw.tif"),
];

#[cfg(not(feature = "pictures"))]
const OTHERS: [(&str, &[u8]); 0] = [];

pub fn items(data: &Arc<Dataset>) -> Vec<ExactItem> {
    let glyphs = of_bytes(
        "pixels of glyphs",
        "The drawn digits that the runs train on, and ten that are held out.",
        &[&data.train.images.pixels[..], &data.test.images.pixels].concat(),
    );
    let pictures = ALWAYS.into_iter().chain(OTHERS).map(|(name, bytes)| {
        let about = format!("The picture tests/fixtures/pictures/{name}, decoded and resized to {SHAPE}.");
        // A decoder that fails is a difference, and not the end of the suite.
        let pixels = decode(name, bytes, SHAPE).unwrap_or_else(|error| error.to_string().into_bytes());
        of_bytes(&format!("picture {name}"), &about, &pixels)
    });
    std::iter::once(glyphs).chain(pictures).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_can_be_decoded() {
        for (name, bytes) in ALWAYS.into_iter().chain(OTHERS) {
            let pixels = decode(name, bytes, SHAPE).expect(name);
            assert_eq!(pixels.len(), SHAPE.bytes(), "{name}");
        }
    }
}
