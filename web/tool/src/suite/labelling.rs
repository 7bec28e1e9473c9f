//! The teacher's predictions of a visitor's own pictures.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::native;
use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("dropped_pictures_are_labelled", dropped_pictures_are_labelled).with_program().within_s(600),
    Test::new("a_pasted_picture_is_labelled", a_pasted_picture_is_labelled),
    Test::new("a_drawing_is_labelled", a_drawing_is_labelled),
];

/// In the grid of `slgan data inspect`: pixels between images, and the side of an image, enlarged twice.
const GAP: u32 = 2;
const SIDE: u32 = 64;

/// The column of the grid that serves as new pictures; earlier ones are more likely to be labelled.
const COLUMN: u32 = 7;

fn open(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&view=label")
}

/// One digit of each class, as PNG files.
fn digits(visit: &Visit) -> Result<Vec<PathBuf>> {
    let grid = visit.folder().join("grid.png");
    native::slgan(&["data", "inspect", "glyphs", "--grid", grid.to_str().context("no UTF-8")?])?;
    let grid = image::open(&grid)?.into_rgb8();
    let corner = |index: u32| GAP + index * (SIDE + GAP);
    let save = |class: u32| {
        let path = visit.folder().join(format!("digit-{class}.png"));
        image::imageops::crop_imm(&grid, corner(COLUMN), corner(class), SIDE, SIDE).to_image().save(&path)?;
        Ok(path)
    };
    (0..10).map(save).collect()
}

/// Waits for `count` predictions, and returns them.
fn predictions(visit: &mut Visit, count: usize) -> Result<Vec<Value>> {
    let all = "[...document.querySelectorAll('#predictions li')].filter(item => item.dataset.label)";
    visit.wait_for("the teacher's predictions", &format!("{all}.length >= {count}"))?;
    let read = format!("{all}.map(item => ({{ ...item.dataset, text: item.textContent }}))");
    let predictions = visit.page.evaluate(&read)?.as_array().context("no predictions")?.clone();
    for prediction in &predictions {
        let confidence: f64 = prediction["confidence"].as_str().context("no confidence")?.parse()?;
        ensure!((0.0..=1.0).contains(&confidence), "a confidence of {confidence}");
        ensure!(
            ["true", "false"].iter().any(|word| prediction["passesGate"] == *word),
            "passesGate: {}",
            prediction["passesGate"]
        );
        ensure!(prediction["text"].as_str().is_some_and(|text| !text.trim().is_empty()), "a prediction without words");
    }
    Ok(predictions)
}

fn dropped_pictures_are_labelled(visit: &mut Visit) -> Result<()> {
    let files = digits(visit)?;
    open(visit)?;
    visit.page.drop_files("#drop", &files)?;
    let predictions = predictions(visit, files.len())?;
    let is_right = |class: usize| {
        let name = format!("digit-{class}.png");
        let of_file =
            predictions.iter().find(|prediction| prediction["text"].as_str().is_some_and(|text| text.contains(&name)));
        of_file.and_then(|prediction| prediction["class"].as_str()?.parse().ok()) == Some(class)
    };
    let right = (0..files.len()).filter(|class| is_right(*class)).count();
    visit.notes.push(format!("{right} of {} right", files.len()));
    ensure!(right >= 8, "the served teacher knows only {right} of {} digits", files.len());
    Ok(())
}

fn a_pasted_picture_is_labelled(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    let picture =
        image::RgbImage::from_fn(45, 60, |x, y| image::Rgb([if (20..26).contains(&x) { 230 } else { y as u8 }; 3]));
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png)?;
    let paste = "const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
        const picture = new File([bytes], 'pasted.png', { type: 'image/png' });
        const clipboardData = new DataTransfer();
        clipboardData.items.add(picture);
        const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
        // Firefox leaves the clipboard of an event that a script makes empty.
        if (event.clipboardData.items.length === 0) event.clipboardData.items.add(picture);
        document.body.dispatchEvent(event);";
    let base64 = json!(BASE64_STANDARD.encode(png.into_inner()));
    visit.page.evaluate(&format!("(base64 => {{ {paste} }})({base64})"))?;
    predictions(visit, 1).map(drop)
}

fn a_drawing_is_labelled(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    let blank = visit.canvas("#draw")?;
    visit.page.drag("#draw", &[(0.4, 0.3), (0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)])?;
    ensure!(visit.canvas("#draw")? != blank, "the pointer draws nothing");
    visit.page.click("#draw-label")?;
    let prediction = predictions(visit, 1)?.remove(0);
    visit.notes.push(format!("a stroke is labelled {}", prediction["class"]));
    visit.page.click("#draw-clear")?;
    ensure!(visit.canvas("#draw")? == blank, "the drawing cannot be cleared");
    Ok(())
}
