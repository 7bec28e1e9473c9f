//! Folders of pictures as people have them: with splits, in archives, with leftovers, with very many classes.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("a_dropped_folder_keeps_its_splits", a_dropped_folder_keeps_its_splits).with_devtools(),
    Test::new("a_dropped_archive_is_read_like_its_folder", a_dropped_archive_is_read_like_its_folder),
    Test::new("labels_come_from_dataset_json", labels_come_from_dataset_json).with_devtools(),
    Test::new("very_many_classes_stay_readable", very_many_classes_stay_readable).with_devtools(),
];

const TRAIN: usize = 12;
const HELD_OUT: usize = 4;

fn png(shade: usize) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(12, 10, Rgb([(shade * 7 % 256) as u8; 3])).write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// A picture that only the browser decodes: a bitmap of 8 x 8 pixels.
fn bitmap() -> Vec<u8> {
    let size = |number: u32| number.to_le_bytes();
    let info = [size(40), size(8), size(8), [1, 0, 24, 0], size(0), size(192), size(0), size(0), size(0), size(0)];
    [b"BM".as_slice(), &size(54 + 192), &size(0), &size(54), &info.concat(), &[90; 192]].concat()
}

/// Two classes in two splits, with a bitmap under the name of a PNG, and with what systems and people leave there.
fn members() -> Result<Vec<(String, Vec<u8>)>> {
    let mut members = Vec::new();
    for (split, count) in [("train", TRAIN - 1), ("val", HELD_OUT)] {
        for number in 0..count {
            let class = ["cat", "dog"][number % 2];
            members.push((format!("pets/{split}/{class}/{number}.png"), png(number)?));
        }
    }
    let others: [(&str, Vec<u8>); 5] = [
        ("pets/train/cat/bitmap.png", bitmap()),
        ("pets/train/cat/.DS_Store", b"Bud1".to_vec()),
        ("pets/train/dog/@eaDir/0.png", png(1)?),
        ("pets/notes.txt", b"no picture".to_vec()),
        ("__MACOSX/pets/train/cat/._0.png", b"no picture".to_vec()),
    ];
    members.extend(others.map(|(path, bytes)| (path.to_owned(), bytes)));
    Ok(members)
}

fn write(folder: &Path, members: Vec<(String, Vec<u8>)>) -> Result<()> {
    for (path, bytes) in members {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Trains on what lies at `name` in the visit's folder, and returns the run's facts.
fn train_on(visit: &mut Visit, name: &str, query: &str) -> Result<Value> {
    visit.open(&format!("device=cpu&batch=4&steps=1000{query}"))?;
    let path = visit.folder().join(name);
    visit.page.drop_files("#settings", &[path])?;
    visit.wait_for(
        "the files",
        &format!("document.querySelector('#files-chosen').textContent.includes({})", json!(name)),
    )?;
    let set = visit.page.evaluate("document.querySelector('#data').value")?;
    ensure!(set == "folder", "the page recognised {name} as {set}");
    visit.train()?;
    visit.wait_for_step(1)?;
    visit.page.evaluate("slganPage.facts")
}

fn are_pets(visit: &mut Visit, facts: &Value) -> Result<()> {
    ensure!(facts["class_names"] == json!(["cat", "dog"]), "the classes: {}", facts["class_names"]);
    let counts = [&facts["train_images"], &facts["test_images"]];
    ensure!(counts == [&json!(TRAIN), &json!(HELD_OUT)], "{counts:?} pictures");
    let notice = visit.text("#notice")?;
    ensure!(notice.contains("left out"), "the page does not say what it left out: {notice}");
    Ok(())
}

fn a_dropped_folder_keeps_its_splits(visit: &mut Visit) -> Result<()> {
    write(visit.folder(), members()?)?;
    let facts = train_on(visit, "pets", "")?;
    are_pets(visit, &facts)
}

fn a_dropped_archive_is_read_like_its_folder(visit: &mut Visit) -> Result<()> {
    let mut archive = ZipWriter::new(fs::File::create(visit.folder().join("pets.zip"))?);
    for (path, bytes) in members()? {
        archive.start_file(path, SimpleFileOptions::default())?;
        archive.write_all(&bytes)?;
    }
    archive.finish()?;
    let facts = train_on(visit, "pets.zip", "")?;
    are_pets(visit, &facts)
}

fn labels_come_from_dataset_json(visit: &mut Visit) -> Result<()> {
    let path = |number: usize| format!("00000/img{number:08}.png");
    let labels: Vec<Value> = (0..TRAIN).map(|number| json!([path(number), number % 3])).collect();
    let mut members = vec![("set/dataset.json".to_owned(), json!({ "labels": labels }).to_string().into_bytes())];
    for number in 0..TRAIN {
        members.push((format!("set/{}", path(number)), png(number)?));
    }
    write(visit.folder(), members)?;
    let facts = train_on(visit, "set", "")?;
    ensure!(facts["class_names"] == json!(["0", "1", "2"]), "the classes: {}", facts["class_names"]);
    Ok(())
}

/// Labels that lists show if there are very many; and a little more, for the lines that say so.
const MOST_SHOWN: u64 = 40;

fn very_many_classes_stay_readable(visit: &mut Visit) -> Result<()> {
    const CLASSES: usize = 300;
    let mut members = Vec::new();
    for number in 0..2 * CLASSES {
        members.push((format!("many/class {:03}/{number}.png", number % CLASSES), png(number)?));
    }
    write(visit.folder(), members)?;
    let facts = train_on(visit, "many", "&labels=given")?;
    ensure!(facts["labels"] == CLASSES, "{} labels", facts["labels"]);
    visit.wait_for("a grid", "document.querySelector('#grid').dataset.source === 'run'")?;
    let caption = visit.text("#grid-caption")?;
    ensure!(caption.contains("of 300 labels"), "the grid's caption: {caption}");
    visit.page.click("#pause")?;
    visit.wait_for_status("paused")?;
    visit.page.click("#tab-explore")?;
    visit.page.set("#model-source", "run")?;
    visit.wait_for(
        "the run's labels",
        "/300 artificial labels/.test(document.querySelector('#model-words').textContent)",
    )?;
    for list in ["#grid-labels", "#rows-labels", "#legend", "#anchor-x", "#to"] {
        let count = visit.page.evaluate(&format!("document.querySelector('{list}').children.length"))?;
        ensure!(count.as_u64().is_some_and(|count| (10..=MOST_SHOWN).contains(&count)), "{list} has {count} entries");
    }
    let legend = visit.text("#legend")?;
    ensure!(legend.ends_with("more"), "the legend does not say that there are more: {legend}");
    Ok(())
}
