//! What others may make for a visitor: links to the page, archives, pictures, names.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::failures::{refused, still_works};
use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("an_address_sets_only_what_its_controls_offer", an_address_sets_only_what_its_controls_offer),
    Test::new("a_hostile_archive_is_refused", a_hostile_archive_is_refused),
    Test::new("a_huge_picture_is_refused", a_huge_picture_is_refused),
    Test::new("names_are_shown_without_control_characters", names_are_shown_without_control_characters).with_devtools(),
];

fn an_address_sets_only_what_its_controls_offer(visit: &mut Visit) -> Result<()> {
    let wrong = "mode=unconditional%0Aseed=7&labels=none%0Asteps=1&preset=huge&tau=7&artificial-labels=1000000\
                 &steps=1e99&seed=%22&data=%3Cb%3Enowhere&view=admin";
    let values = "['mode', 'labels', 'preset', 'tau', 'artificial-labels', 'steps', 'seed', 'data']
        .map(id => [id, document.getElementById(id).value])";
    visit.open("device=cpu")?;
    let usual = visit.page.evaluate(values)?;
    visit.open(&format!("device=cpu&batch=4&{wrong}"))?;
    let shown = visit.page.evaluate(values)?;
    ensure!(shown == usual, "the address sets {shown}, not {usual}");
    let notice = visit.wait_for("a notice", "document.querySelector('#notice').textContent")?;
    for name in ["mode", "labels", "preset", "tau", "artificial-labels", "steps", "seed", "data", "view"] {
        let is_named = notice.as_str().is_some_and(|notice| notice.contains(&format!("{name}=")));
        ensure!(is_named, "the page does not name {name}: {notice}");
    }
    visit.train()?;
    visit.wait_for_step(1)?;
    let settings = visit.page.evaluate("slganPage.facts.settings")?;
    ensure!(settings["seed"] == 0 && settings["mode"] == "self-label" && settings["batch"] == 4, "{settings}");

    visit.open("device=cpu&labels=0.05&mode=unconditional&tau=0.75&steps=7&data=glyphs")?;
    let shown =
        visit.page.evaluate("['mode', 'labels', 'tau', 'steps'].map(id => document.getElementById(id).value)")?;
    ensure!(shown == json!(["unconditional", "0.05", "0.75", "7"]), "an allowed address sets {shown}");
    let notice = visit.text("#notice")?;
    ensure!(!notice.contains("not allowed"), "an allowed address gives the notice: {notice}");
    Ok(())
}

/// A checkpoint's files, and the name of its folder.
struct Saved {
    folder: String,
    header: Vec<u8>,
    tensors: Vec<u8>,
}

/// Trains some steps and saves them.
fn saved(visit: &mut Visit) -> Result<Saved> {
    visit.open(&format!("device=cpu&{SMALL}&steps=2"))?;
    visit.train()?;
    visit.wait_for("the end", "slganPage.events.some(event => event.event === 'finished')")?;
    let path = visit.page.save_with("#save-run")?;
    let mut saved = Saved { folder: String::new(), header: Vec::new(), tensors: Vec::new() };
    for entry in tar::Archive::new(fs::File::open(path)?).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let Some((folder, name)) = path.rsplit_once('/') else { continue };
        let target = match name {
            "state.json" => &mut saved.header,
            "state.safetensors" => &mut saved.tensors,
            _ => continue,
        };
        saved.folder = folder.to_owned();
        entry.read_to_end(target)?;
    }
    ensure!(!saved.header.is_empty() && !saved.tensors.is_empty(), "the saved run has no checkpoint");
    Ok(saved)
}

fn add(archive: &mut Builder<Vec<u8>>, kind: EntryType, path: &str, bytes: &[u8]) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("/etc/passwd")?;
    }
    Ok(archive.append_data(&mut header, path, bytes)?)
}

/// The saved checkpoint with one thing wrong, by a name for it.
fn hostile_archives(saved: &Saved) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let Saved { folder, header, tensors } = saved;
    let [header_path, tensors_path] = ["state.json", "state.safetensors"].map(|name| format!("{folder}/{name}"));
    let mut archives = Vec::new();
    for (name, kind) in [
        ("symlink", EntryType::Symlink),
        ("hard-link", EntryType::Link),
        ("fifo", EntryType::Fifo),
        ("device", EntryType::Char),
    ] {
        let mut archive = Builder::new(Vec::new());
        add(&mut archive, EntryType::Regular, &header_path, header)?;
        add(&mut archive, kind, &tensors_path, b"")?;
        archives.push((name, archive.into_inner()?));
    }
    let mut elsewhere = Builder::new(Vec::new());
    add(&mut elsewhere, EntryType::Regular, "run/state.json", header)?;
    add(&mut elsewhere, EntryType::Regular, "run/state.safetensors", tensors)?;
    archives.push(("elsewhere", elsewhere.into_inner()?));

    let mut misnamed = Builder::new(Vec::new());
    add(&mut misnamed, EntryType::Regular, "run/checkpoints/step-00000009/state.json", header)?;
    add(&mut misnamed, EntryType::Regular, "run/checkpoints/step-00000009/state.safetensors", tensors)?;
    archives.push(("misnamed", misnamed.into_inner()?));

    let mut claim = Header::new_gnu();
    claim.set_path(&header_path)?;
    claim.set_size(1 << 40);
    claim.set_cksum();
    archives.push(("claim", [claim.as_bytes().as_slice(), &[b' '; 1024]].concat()));

    let mut long = Builder::new(Vec::new());
    add(&mut long, EntryType::GNULongName, "././@LongLink", &vec![b'a'; 1 << 20])?;
    add(&mut long, EntryType::Regular, &header_path, header)?;
    archives.push(("long-name", long.into_inner()?));
    Ok(archives)
}

fn a_hostile_archive_is_refused(visit: &mut Visit) -> Result<()> {
    let saved = saved(visit)?;
    visit.open(&format!("device=cpu&{SMALL}"))?;
    for (name, bytes) in hostile_archives(&saved)? {
        let path = visit.folder().join(format!("{name}.tar"));
        fs::write(&path, bytes)?;
        let words = refused(visit, "#load-run", path)?;
        ensure!(words.contains("not a saved run"), "{name}: {words}");
    }
    // What is not read may be anything.
    let mut sound = Builder::new(Vec::new());
    add(&mut sound, EntryType::Symlink, "run/best", b"")?;
    add(&mut sound, EntryType::Regular, &format!("{}/state.json", saved.folder), &saved.header)?;
    add(&mut sound, EntryType::Regular, &format!("{}/state.safetensors", saved.folder), &saved.tensors)?;
    let path = visit.folder().join("sound.tar");
    fs::write(&path, sound.into_inner()?)?;
    visit.page.choose_files("#load-run", &[path])?;
    visit.page.wait_for("the run", "document.querySelector('#step-count').textContent.trim() === '2'").map(drop)
}

/// The beginning of a bitmap of 30,000 x 30,000 pixels, which a browser's decoder would make room for.
fn huge_bitmap() -> Vec<u8> {
    let size = |number: u32| number.to_le_bytes();
    let side = size(30_000);
    let info = [size(40), side, side, [1, 0, 24, 0], size(0), size(0), size(0), size(0), size(0), size(0)];
    [b"BM".as_slice(), &size(u32::MAX), &size(0), &size(54), &info.concat(), &[0; 4096]].concat()
}

/// The beginning of a PNG of as many pixels: its header, and a part of its data.
fn huge_png() -> Vec<u8> {
    let side = 30_000_u32.to_be_bytes();
    let chunk = [b"IHDR".as_slice(), &side, &side, &[8, 2, 0, 0, 0]].concat();
    let sum = chunk.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    });
    let data = [&[0, 0, 0, 64], b"IDAT".as_slice()].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &13_u32.to_be_bytes(), &chunk, &(!sum).to_be_bytes(), &data, &[0; 64]].concat()
}

fn a_huge_picture_is_refused(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&view=label&{SMALL}"))?;
    for (name, bytes) in [("huge.jpg", huge_bitmap()), ("huge.png", huge_png())] {
        let path = visit.folder().join(name);
        fs::write(&path, bytes)?;
        let words = refused(visit, "#picture", path)?;
        ensure!(words.contains("too large") && words.contains("30000"), "{name}: {words}");
    }
    still_works(visit)
}

fn names_are_shown_without_control_characters(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&view=label&{SMALL}"))?;
    let path: PathBuf = visit.folder().join("bro\u{1b}[31mken\u{202e}gnp.png");
    fs::write(&path, b"no picture")?;
    let words = refused(visit, "#picture", path)?;
    let is_clean = |text: &str| !text.contains(['\u{1b}', '\u{202e}']);
    ensure!(words.contains("ken") && is_clean(&words), "the page says: {words:?}");

    let classes = ["a<img src=x onerror=document.title=1>", "b\u{1b}[31m"];
    let folder = visit.folder().join("classes");
    for (index, class) in classes.iter().enumerate() {
        fs::create_dir_all(folder.join(class))?;
        for number in 0..4 {
            let shade = image::Rgb([(40 * index + number) as u8; 3]);
            image::RgbImage::from_pixel(8, 8, shade).save(folder.join(class).join(format!("{number}.png")))?;
        }
    }
    visit.open("device=cpu&batch=4&steps=1000&labels=all")?;
    visit.page.drop_files("#settings", &[folder])?;
    visit.wait_for("the folder", "/“classes”/.test(document.querySelector('#files-chosen').textContent)")?;
    visit.train()?;
    visit.wait_for(
        "the classes beside the grid",
        "/onerror/.test(document.querySelector('#grid-labels').textContent)",
    )?;
    let shown: Value = visit.page.evaluate("[document.body.innerText, document.querySelector('main img') === null]")?;
    ensure!(is_clean(shown[0].as_str().context("no text")?), "the page shows a control character");
    ensure!(shown[1] == true, "a class name has become an element");
    Ok(())
}
