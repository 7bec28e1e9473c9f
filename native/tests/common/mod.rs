//! A folder to run the program in, and checks of its messages and files.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;

pub mod files;
pub mod running;
pub mod runs;

use image::{Rgb, RgbImage};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Every command that reads a checkpoint.
pub const READERS: [&str; 3] = [
    "generate run --device cpu --grid grid.png",
    "label run --device cpu --data folder:pictures --out labels.csv",
    "export run --out model.slgan",
];

/// Resumes the run of [`Workplace::with_run`].
pub const RESUME: &str = "train --device cpu --out run --resume --steps 4";

/// A quick training call, without `--steps`, `--data` and `--out`.
pub const TRAIN: &str = "train --device cpu --batch 4 --set report.sample_every=0 --set report.evaluate_every=0";

/// Largest number of lines of an error: one screen.
const SCREEN: usize = 25;

/// A temporary folder in which the program runs, with relative paths.
pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// A workplace with `pictures`, and with a run of two steps on them in `run`.
    pub fn with_run() -> Self {
        let workplace = Self::new();
        for (name, bytes) in trained() {
            workplace.write(name.to_str().unwrap(), bytes);
        }
        workplace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    /// Writes a checkpoint's header with a seal that fits.
    pub fn write_sealed(&self, name: &str, mut header: serde_json::Value) {
        let blank = "0".repeat(64);
        header.as_object_mut().unwrap().remove("seal");
        let mut text = serde_json::to_string(&header).unwrap();
        text.pop();
        let sealed = |seal: &str| format!("{text},\"seal\":\"{seal}\"}}");
        let seal: String = Sha256::digest(sealed(&blank)).iter().map(|byte| format!("{byte:02x}")).collect();
        self.write(name, sealed(&seal).as_bytes());
    }

    /// Writes pictures that are not square: eight for each of two classes, and eight without a label.
    pub fn write_pictures(&self, name: &str) {
        for (class, tint) in [("a", 10), ("b", 120), ("unlabeled", 60)] {
            for number in 0..8 {
                let file = self.path(&format!("{name}/{class}/{number}.png"));
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                let pixel = |x: u32, y: u32| [tint + number, (5 * x + tint as u32) as u8, (3 * y) as u8];
                RgbImage::from_fn(20, 27, |x, y| Rgb(pixel(x, y))).save(file).unwrap();
            }
        }
    }

    /// Writes training files in MNIST's format, with `count` images.
    pub fn write_mnist(&self, name: &str, count: u32) {
        let header = |dims: &[u32]| -> Vec<u8> {
            let dimensions = dims.iter().flat_map(|dim| dim.to_be_bytes());
            [0, 0, 8, dims.len() as u8].into_iter().chain(dimensions).collect()
        };
        let pixels = (0..count * 28 * 28).map(|index| (index % 251) as u8);
        let images: Vec<u8> = header(&[count, 28, 28]).into_iter().chain(pixels).collect();
        let labels: Vec<u8> = header(&[count]).into_iter().chain((0..count).map(|index| (index % 10) as u8)).collect();
        self.write(&format!("{name}/train-images-idx3-ubyte"), &images);
        self.write(&format!("{name}/train-labels-idx1-ubyte"), &labels);
    }

    /// The program with arguments that spaces separate. It does not see the user's data sets and judges.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slgan"));
        self.settle(&mut command).args(line.split_whitespace());
        command
    }

    /// Makes a command run here, with a cache beside the workplace.
    pub fn settle<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let cache = self.folder.path().join("cache");
        command.current_dir(self.root()).env_remove("SLGAN_DATA").env("XDG_CACHE_HOME", cache)
    }

    /// Runs the program, which must succeed, and returns its standard output and standard error.
    #[track_caller]
    pub fn run(&self, line: &str) -> (String, String) {
        let output = self.command(line).output().unwrap();
        let (stdout, stderr) = texts(&output);
        assert_eq!(output.status.code(), Some(0), "{line}\n{stdout}{stderr}");
        (stdout, stderr)
    }

    /// Runs the program. It must fail with this exit code and an error with every part, and must not change a file.
    #[track_caller]
    pub fn refuses(&self, line: &str, code: i32, parts: &[&str]) {
        self.fails(&mut self.command(line), code, parts);
    }

    /// Like [`Self::refuses`], for any command.
    #[track_caller]
    pub fn fails(&self, command: &mut Command, code: i32, parts: &[&str]) {
        let before = self.files();
        let output = command.output().unwrap();
        let (stdout, stderr) = texts(&output);
        let printed = format!("{command:?}\n{stdout}{stderr}");
        assert_eq!(output.status.code(), Some(code), "{printed}");
        assert!(!stderr.contains("panicked at"), "{printed}");
        assert!(stderr.lines().count() <= SCREEN, "{printed}");
        let error = stderr.lines().skip_while(|line| !line.starts_with("error: ")).collect::<Vec<_>>().join("\n");
        assert!(parts.iter().all(|part| error.contains(part)), "the error lacks one of {parts:?}: {printed}");
        let after = self.files();
        let changed: Vec<_> =
            before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
        assert!(changed.is_empty(), "{changed:?} have changed: {printed}");
    }

    /// Every file with its content, and every folder with `None`.
    fn files(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &self.root(), &mut files);
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        files.insert(name, path.is_file().then(|| fs::read(&path).unwrap()));
        if path.is_dir() {
            collect(root, &path, files);
        }
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The files of a workplace after training, made once for all tests.
fn trained() -> impl Iterator<Item = (&'static Path, &'static [u8])> {
    static FILES: OnceLock<BTreeMap<PathBuf, Option<Vec<u8>>>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let workplace = Workplace::new();
        workplace.write_pictures("pictures");
        workplace.run(&format!("{TRAIN} --data folder:pictures --steps 2 --out run"));
        workplace.files()
    });
    files.iter().filter_map(|(name, bytes)| Some((name.as_path(), bytes.as_deref()?)))
}

/// Whether there is no adapter, so that a test must skip. Fails if an adapter is required.
pub fn no_adapter(devices: &serde_json::Value) -> bool {
    let none = devices["adapters"].as_array().is_none_or(Vec::is_empty);
    assert!(!none || std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none(), "an adapter is required and none was found");
    if none {
        skip("no adapter");
    }
    none
}

/// Reports that a test is skipped, and why. The harness hides the `eprintln!` of passing tests, but not this.
pub fn skip(why: &str) {
    let thread = thread::current();
    let line = format!("skipped: {why} ({})\n", thread.name().unwrap_or("a test"));
    io::stderr().write_all(line.as_bytes()).unwrap();
}

/// A file below `$SLGAN_DATA`, or none, with a note. Fails if data are required.
pub fn data_file(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("SLGAN_DATA").map(PathBuf::from);
    let bytes = folder.and_then(|folder| fs::read(folder.join(name)).ok());
    if bytes.is_none() {
        assert!(std::env::var_os("SLGAN_REQUIRE_DATA").is_none(), "{name} is required and not in SLGAN_DATA");
        skip(&format!("no {name} in SLGAN_DATA"));
    }
    bytes
}
