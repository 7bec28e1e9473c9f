//! Data sets of hundreds and thousands of classes: how labels and dimensions follow, and that every mode trains.

use std::error::Error;

use burn::tensor::Device;
use slgan::config::{Config, LabelBudget, Mode};
use slgan::data::{Dataset, ImageShape, Images, Split};
use slgan::train::event::{Evaluated, Event};
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::{Task, TaskError};
use slgan::train::{Outcome, train};

/// Keeps what the tests look at.
#[derive(Default)]
struct Seen {
    evaluated: Option<Evaluated>,
    rows: Vec<usize>,
    grid_height: usize,
}

impl Shell for Seen {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        match event {
            Event::Evaluated(evaluated) => self.evaluated = Some(*evaluated),
            Event::Samples(samples) => {
                self.grid_height = samples.grid.height;
                self.rows = samples.labels;
            }
            _ => {}
        }
        Ok(())
    }

    async fn turn(&mut self, _state: &State) -> Control {
        Control::Continue
    }
}

/// Two training images and one held-out image of each class.
fn data(classes: usize) -> Dataset {
    let shape = ImageShape { channels: 1, size: 28 };
    let split = |count: usize| {
        let pixels = (0..count * shape.bytes()).map(|place| (place * 7 / 5) as u8).collect();
        let labels = (0..count).map(|image| Some((image % classes) as u16)).collect();
        Split::new(Images { shape, pixels }, labels)
    };
    Dataset {
        name: "folder".into(),
        class_names: (0..classes).map(|class| format!("class {class}")).collect(),
        train: split(2 * classes),
        test: split(classes),
        notes: Vec::new(),
    }
}

fn config(mode: Mode, label_budget: LabelBudget) -> Config {
    let mut config = Config { mode, label_budget, batch: 4, steps: 1, ..Config::default() };
    config.gate.warm_up = 0;
    config
}

fn trained(task: &Task) -> Seen {
    let device = Device::flex();
    let mut state = State::new(&task.config, &task.architecture(), &device);
    let mut seen = Seen::default();
    let outcome = pollster::block_on(train(task, &mut state, &device, "CPU", None, &mut seen)).expect("it trains");
    assert_eq!(outcome, Outcome::Finished);
    seen
}

#[test]
fn every_mode_trains_on_three_hundred_classes() {
    let data = std::sync::Arc::new(data(300));
    let labelled = [
        config(Mode::SelfLabel, LabelBudget::All),
        config(Mode::Unconditional, LabelBudget::All),
        config(Mode::ClassConditional, LabelBudget::Fraction(0.6)),
    ];
    for config in labelled {
        let task = Task::new(config, std::sync::Arc::clone(&data)).expect("labels and dimensions follow");
        assert_eq!((task.subject.label_count, task.config.latent.dim), (300, 332));
        let seen = trained(&task);
        assert!(seen.evaluated.as_ref().is_some_and(|evaluated| evaluated.accuracy.is_some()));
        assert!(seen.evaluated.is_some_and(|evaluated| evaluated.clustering_accuracy.is_some()), "a table fits");
        assert_eq!((seen.rows.len(), seen.rows[31]), (32, 290));
        assert!((32 * 56..33 * 60).contains(&seen.grid_height), "32 rows: {} pixels", seen.grid_height);
    }
    let unlabelled = Task::new(config(Mode::SelfLabel, LabelBudget::None), data).expect("a default that fits");
    assert_eq!((unlabelled.subject.label_count, unlabelled.config.latent.dim), (255, 287));
    assert_eq!(trained(&unlabelled).evaluated.and_then(|evaluated| evaluated.accuracy), None);
}

#[test]
fn ten_thousand_classes_train() {
    let task = Task::new(config(Mode::SelfLabel, LabelBudget::All), data(10_000)).expect("the most that there may be");
    assert_eq!((task.subject.label_count, task.config.latent.dim), (10_000, 10_032));
    let evaluated = trained(&task).evaluated.expect("an evaluation at the end");
    assert!(evaluated.accuracy.is_some() && evaluated.clustering_accuracy.is_none() && evaluated.confusion.is_none());
}

#[test]
fn chosen_labels_need_chosen_dimensions() {
    let mut config = config(Mode::SelfLabel, LabelBudget::All);
    config.latent.artificial_labels = 600;
    let error = Task::new(config, data(300)).expect_err("64 dimensions");
    assert_eq!(error, TaskError::FewDimensions { label_count: 600, expected: 601, found: 64 });
    assert!(error.to_string().starts_with("latent.dim: expected at least 601"));
}
