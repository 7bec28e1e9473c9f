//! A visitor's own data: the files of a published set, and a folder of pictures.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use image::{Rgb, RgbImage};

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("dropped_files_of_a_set_train", dropped_files_of_a_set_train),
    Test::new("a_dropped_folder_of_pictures_trains", a_dropped_folder_of_pictures_trains).with_devtools(),
];

const COUNT: usize = 40;
const CLASSES: usize = 4;

/// The four files of MNIST, with squares instead of digits.
fn write_idx(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut paths = Vec::new();
    for part in ["train", "t10k"] {
        let count = (COUNT as u32).to_be_bytes();
        let side = 28_u32.to_be_bytes();
        let pixels =
            (0..COUNT).flat_map(|image| (0..28 * 28).map(move |at| if at / 28 < image % 10 * 3 { 250 } else { 5 }));
        let images = [&[0, 0, 8, 3], &count[..], &side, &side].concat().into_iter().chain(pixels).collect::<Vec<u8>>();
        let digits = (0..COUNT).map(|image| (image % 10) as u8);
        let labels = [&[0, 0, 8, 1], &count[..]].concat().into_iter().chain(digits).collect::<Vec<u8>>();
        for (name, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
            let path = folder.join(format!("{part}-{name}-ubyte"));
            fs::write(&path, bytes)?;
            paths.push(path);
        }
    }
    Ok(paths)
}

fn dropped_files_of_a_set_train(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&batch=4&steps=1000")?;
    let files = write_idx(visit.folder())?;
    visit.page.drop_files("#settings", &files)?;
    visit.wait_for("the files", "/4 files/.test(document.querySelector('#files-chosen').textContent)")?;
    let set = visit.page.evaluate("document.querySelector('#data').value")?;
    ensure!(set == "mnist", "the page recognised the dropped files as {set}");
    visit.page.set("#labels", "all")?;
    visit.train()?;
    visit.wait_for_step(2)?;
    let facts = visit.page.evaluate("slganPage.facts")?;
    ensure!(facts["train_images"] == COUNT && facts["test_images"] == COUNT, "the run's facts: {facts}");
    Ok(())
}

/// A folder for each class, with two other files: a picture that no browser decodes, and a text.
fn write_folder(folder: &Path) -> Result<()> {
    for number in 0..COUNT {
        let class = folder.join(format!("class {}", number % CLASSES));
        fs::create_dir_all(&class)?;
        let shade = (number * 6) as u8;
        RgbImage::from_fn(40, 32, |x, y| Rgb([shade, x as u8 * 5, y as u8 * 5]))
            .save(class.join(format!("{number}.png")))?;
    }
    fs::write(folder.join("class 0/broken.heic"), b"no picture")?;
    fs::write(folder.join("notes.txt"), b"no picture either")?;
    Ok(())
}

fn a_dropped_folder_of_pictures_trains(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&batch=4&steps=1000")?;
    let folder = visit.folder().join("squares");
    write_folder(&folder)?;
    visit.page.drop_files("#settings", &[folder])?;
    visit.wait_for("the folder", "/“squares”/.test(document.querySelector('#files-chosen').textContent)")?;
    let set = visit.page.evaluate("document.querySelector('#data').value")?;
    ensure!(set == "folder", "the page recognised the dropped folder as {set}");
    visit.train()?;
    visit.wait_for_step(2)?;
    let facts = visit.page.evaluate("slganPage.facts")?;
    let classes = facts["class_names"].as_array().map_or(0, Vec::len);
    ensure!(classes == CLASSES, "{classes} classes, not {CLASSES}: {facts}");
    let notice = visit.text("#notice")?;
    ensure!(notice.contains("skipped") && notice.contains("broken.heic"), "the page says: {notice}");
    ensure!(notice.contains("left out"), "the page does not say that it left a text out: {notice}");
    Ok(())
}
