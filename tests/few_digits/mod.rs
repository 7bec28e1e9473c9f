//! A small task on drawn digits.

use slgan::config::{Config, parse_setting};
use slgan::data::{Dataset, glyphs};
use slgan::train::task::Task;

/// A task with settings such as `batch=6`, on the first `train` digits, and on a tenth as many that are held out.
pub fn task(settings: &[&str], train: u64) -> Task {
    let layers: Vec<_> = settings.iter().map(|setting| parse_setting(setting).expect("a setting")).collect();
    let data = Dataset {
        name: "glyphs".into(),
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        train: glyphs::split(0..train),
        test: glyphs::split(train..train + train / 10),
        notes: Vec::new(),
    };
    Task::new(Config::from_layers(&layers).expect("a configuration"), data).expect("a task")
}
