//! Training as a shell sees it: events, modes, label budgets, and what must not change the state.

use std::error::Error;

use burn::tensor::Device;
use safetensors::SafeTensors;
use slgan::config::{Config, LabelBudget, Mode, Partition, PseudoLabel, Unlabeled};
use slgan::data::{Dataset, glyphs};
use slgan::train::event::{Event, StepFigures};
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::{Task, TaskError};
use slgan::train::{Outcome, TrainError, bundle, checkpoint, train};

/// A shell that remembers events, and can stop a run before a step.
#[derive(Default)]
struct Memory {
    events: Vec<Event>,
    turns: u64,
    stop_at: Option<u64>,
    asked_for: Option<(u64, Control)>,
}

impl Shell for Memory {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.events.push(event);
        Ok(())
    }

    async fn turn(&mut self, state: &State) -> Control {
        self.turns += 1;
        match self.stop_at {
            // Asking for figures or states between steps must not change the results.
            _ if self.asked_for.is_some_and(|(step, _)| step == state.step) => {
                self.asked_for.take().map_or(Control::Continue, |(_, control)| control)
            }
            Some(stop) if self.turns > stop => Control::Stop,
            // After a pause, the loop only asks again.
            _ if self.turns.is_multiple_of(3) => Control::Pause,
            _ => Control::Continue,
        }
    }
}

impl Memory {
    fn last_checkpoint(&self) -> checkpoint::CheckpointFiles {
        let files = self.events.iter().rev().find_map(|event| match event {
            Event::Checkpoint(checkpoint) => Some(checkpoint.files.clone()),
            _ => None,
        });
        files.expect("a run ends with a checkpoint")
    }

    fn steps(&self) -> Vec<StepFigures> {
        let figures = self.events.iter().filter_map(|event| match event {
            Event::Step(figures) => Some(figures.clone()),
            _ => None,
        });
        figures.collect()
    }
}

/// A few hundred drawn digits.
fn data() -> Dataset {
    Dataset {
        name: "glyphs".into(),
        class_names: (0..10).map(|class| class.to_string()).collect(),
        train: glyphs::split(0..200),
        test: glyphs::split(20_000..20_050),
        notes: Vec::new(),
    }
}

fn config() -> Config {
    let mut config = Config { steps: 4, batch: 8, label_budget: LabelBudget::Fraction(0.1), ..Config::default() };
    config.gate.warm_up = 1;
    config.classifier.labelled_batch = 4;
    config.report.log_every = 1;
    config.report.sample_every = 0;
    config.report.evaluate_every = 0;
    config
}

fn run(config: Config) -> (Memory, Outcome) {
    let task = Task::new(config, data()).expect("they fit");
    run_task(&task, Memory::default())
}

fn run_task(task: &Task, mut memory: Memory) -> (Memory, Outcome) {
    let device = Device::flex();
    let mut state = State::new(&task.config, &task.architecture(), &device);
    let outcome =
        pollster::block_on(train(task, &mut state, &device, "CPU", None, &mut memory)).expect("the run ends well");
    (memory, outcome)
}

/// The values of one tensor in a checkpoint.
fn tensor(files: &checkpoint::CheckpointFiles, name: &str) -> Vec<u8> {
    SafeTensors::deserialize(&files.tensors)
        .and_then(|file| Ok(file.tensor(name)?.data().to_vec()))
        .expect("it is there")
}

#[test]
fn a_run_emits_its_events_in_order() {
    let mut config = config();
    config.report.sample_every = 2;
    config.report.evaluate_every = 2;
    let (memory, outcome) = run(config);
    assert_eq!(outcome, Outcome::Finished);
    let kinds: Vec<String> = memory
        .events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "started",
        "samples",
        "step",
        "step",
        "samples",
        "evaluated",
        "step",
        "step",
        "samples",
        "evaluated",
        "checkpoint",
        "finished",
    ];
    assert_eq!(kinds, expected);
    for figures in memory.steps() {
        assert!([figures.d_loss, figures.g_loss, figures.c_loss].iter().all(|loss| loss.unwrap().is_finite()));
        assert!((0.0..=1.0).contains(&figures.gate_coverage.unwrap()));
        assert!((0.0..=1.0).contains(&figures.label_agreement.unwrap()));
    }
}

#[test]
fn watching_does_not_change_the_state() {
    let mut silent = config();
    silent.report.log_every = 100;
    silent.report.sample_every = 0;
    silent.report.evaluate_every = 0;
    let (quiet, _) = run(silent);
    let mut config = config();
    config.report.sample_every = 1;
    config.report.evaluate_every = 1;
    config.report.checkpoint_every = 1;
    let (busy, _) = run(config);
    let evaluations = |run: &Memory| run.events.iter().filter(|event| matches!(event, Event::Evaluated(_))).count();
    assert_eq!([&quiet, &busy].map(evaluations), [0, 4]);
    assert!(quiet.last_checkpoint().tensors == busy.last_checkpoint().tensors);
}

#[test]
fn another_seed_gives_another_run() {
    let (a, _) = run(config());
    let (b, _) = run(Config { seed: 1, ..config() });
    assert!(a.last_checkpoint().tensors != b.last_checkpoint().tensors);
}

#[test]
fn labels_reach_the_discriminator_only_if_the_mode_allows_it() {
    const EMBEDDING: &str = "discriminator.embedding.weight";
    let task = Task::new(config(), data()).unwrap();
    let fresh = State::new(&task.config, &task.architecture(), &Device::flex());
    let fresh = pollster::block_on(checkpoint::write(&fresh, &task.config, &task.subject)).unwrap();
    let moved = |config: Config| tensor(&run(config).0.last_checkpoint(), EMBEDDING) != tensor(&fresh, EMBEDDING);
    assert!(moved(config()), "manual labels pass the gate");
    assert!(moved(Config { mode: Mode::ClassConditional, ..config() }));
    assert!(!moved(Config { mode: Mode::Unconditional, ..config() }), "no label may reach the discriminator");
    let mut warming_up = config();
    warming_up.gate.warm_up = 100;
    assert!(moved(warming_up.clone()), "manual labels need no warm-up");
    warming_up.gate.match_manual = false;
    assert!(!moved(warming_up), "no label may reach the discriminator during the warm-up");
}

/// All labels count on both sides, from the first step on.
#[test]
fn with_all_labels_the_scheme_is_class_conditional_training() {
    let all = |mode| run(Config { mode, label_budget: LabelBudget::All, ..config() }).0.last_checkpoint().tensors;
    assert!(all(Mode::SelfLabel) == all(Mode::ClassConditional));
    assert!(all(Mode::SelfLabel) != all(Mode::Unconditional));
}

#[test]
fn every_degree_of_labelling_and_every_option_trains() {
    let variants: [fn(&mut Config); 10] = [
        |config| config.label_budget = LabelBudget::None,
        |config| config.label_budget = LabelBudget::All,
        |config| config.latent.partition = Partition::Voronoi,
        |config| config.latent.artificial_labels = 20,
        |config| config.gate.unlabeled = Unlabeled::Drop,
        |config| (config.gate.pseudo_label, config.gate.tau) = (PseudoLabel::Soft, 0.1),
        |config| config.generator.conditional = true,
        |config| config.discriminator.updates = 3,
        |config| config.discriminator.r1_weight = 1.0,
        |config| config.augment = slgan::config::AugmentConfig { color: true, translation: true, cutout: true },
    ];
    let (plain, _) = run(config());
    for (index, change) in variants.into_iter().enumerate() {
        let mut config = config();
        change(&mut config);
        let (memory, outcome) = run(config);
        assert_eq!(outcome, Outcome::Finished, "variant {index}");
        assert_eq!(memory.steps().len(), 4, "variant {index}");
        assert!(memory.steps().iter().all(|figures| figures.g_loss.unwrap().is_finite()), "variant {index}");
        assert!(memory.last_checkpoint().tensors != plain.last_checkpoint().tensors, "variant {index} has no effect");
    }
}

#[test]
fn the_classifier_can_be_trained_alone() {
    let mut config = config();
    config.discriminator.updates = 0;
    config.classifier.generated_weight = 0.0;
    let (memory, _) = run(config);
    let figures = &memory.steps()[3];
    assert_eq!((figures.d_loss, figures.g_loss), (None, None));
    assert!(figures.c_loss.is_some());
}

#[test]
fn a_stopped_run_is_saved_and_can_be_resumed() {
    let task = Task::new(config(), data()).unwrap();
    let (whole, _) = run_task(&task, Memory::default());
    let (stopped, outcome) = run_task(&task, Memory { stop_at: Some(2), ..Memory::default() });
    assert_eq!(outcome, Outcome::Stopped);
    let files = stopped.last_checkpoint();
    let header = checkpoint::read_header(&files.header).unwrap();
    assert_eq!(header.step, 2);
    let device = Device::flex();
    let fresh = State::new(&task.config, &task.architecture(), &device);
    let mut state = checkpoint::restore(fresh, &header, &files.tensors, &device).unwrap();
    let mut memory = Memory::default();
    pollster::block_on(train(&task, &mut state, &device, "CPU", None, &mut memory)).unwrap();
    assert!(whole.last_checkpoint() == memory.last_checkpoint());
}

#[test]
fn a_shell_may_ask_for_figures_and_states_between_steps() {
    let mut config = config();
    config.report.log_every = 100;
    let task = Task::new(config, data()).unwrap();
    let (whole, _) = run_task(&task, Memory::default());
    let asked = |control| run_task(&task, Memory { asked_for: Some((2, control)), ..Memory::default() }).0;
    let steps = |memory: &Memory| memory.steps().iter().map(|figures| figures.step).collect::<Vec<_>>();
    let saved = |memory: &Memory| memory.events.iter().filter(|event| matches!(event, Event::Checkpoint(_))).count();
    assert_eq!((steps(&whole), saved(&whole)), (vec![4], 1));
    let logged = asked(Control::Log);
    assert_eq!((steps(&logged), saved(&logged)), (vec![2, 4], 1));
    let twice = asked(Control::Save);
    assert_eq!((steps(&twice), saved(&twice)), (vec![2, 4], 2));
    for memory in [logged, twice] {
        assert!(whole.last_checkpoint() == memory.last_checkpoint());
    }
}

#[test]
fn a_task_keeps_its_data_under_another_configuration() {
    let task = Task::new(config(), data()).unwrap();
    let mut other = task.config.clone();
    other.label_budget = LabelBudget::None;
    let changed = task.with_config(other.clone()).unwrap();
    assert_eq!(changed.subject, Task::new(other, data()).unwrap().subject);
    assert!(std::sync::Arc::ptr_eq(&changed.data, &task.data));
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run_with_advice() {
    let mut config = config();
    config.steps = 60;
    config.generator.learning_rate = 1.0;
    config.discriminator.learning_rate = 1.0;
    config.classifier.learning_rate = 1.0;
    let task = Task::new(config, data()).unwrap();
    let device = Device::flex();
    let mut state = State::new(&task.config, &task.architecture(), &device);
    state.generator.network = poisoned(state.generator.network);
    let mut memory = Memory::default();
    let error = pollster::block_on(train(&task, &mut state, &device, "CPU", None, &mut memory)).unwrap_err();
    assert!(matches!(error, TrainError::NonFinite { step: 1, .. }), "{error}");
    let Some(Event::Warning(warning)) = memory.events.last() else { panic!("the last event is a warning") };
    assert_eq!(warning.kind, "loss-not-finite");
    assert!(!memory.events.iter().any(|event| matches!(event, Event::Checkpoint(_))), "nothing bad is saved");
}

/// The same network with NaN in its first weight.
fn poisoned(generator: slgan::nn::Generator) -> slgan::nn::Generator {
    use slgan::nn::parameters::{values, with_values};
    let mut values = values(&generator);
    let weight = values.get_mut("input.weight").expect("it is there");
    *weight = weight.clone() * f32::NAN;
    with_values(generator, &mut values)
}

#[test]
fn damaged_checkpoints_are_refused() {
    let task = Task::new(config(), data()).unwrap();
    let (memory, _) = run_task(&task, Memory::default());
    let files = memory.last_checkpoint();
    let header = checkpoint::read_header(&files.header).unwrap();
    let device = Device::flex();
    let restore = |task: &Task, header: &checkpoint::Header, tensors: &[u8]| {
        let fresh = State::new(&task.config, &task.architecture(), &device);
        checkpoint::restore(fresh, header, tensors, &device).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(restore(&task, &header, &files.tensors), Ok(()));
    let cut = restore(&task, &header, &files.tensors[..files.tensors.len() / 2]);
    assert!(cut.unwrap_err().contains("damaged"));
    let mut flipped = files.tensors.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(restore(&task, &header, &flipped).unwrap_err().contains("damaged"));
    let wider = Task::new(Config { preset: slgan::config::Preset::Small, ..config() }, data()).unwrap();
    assert!(restore(&wider, &header, &files.tensors).unwrap_err().contains("expected"));
    assert!(checkpoint::read_header(b"{\"format\": 99}").unwrap_err().to_string().contains("99"));
}

#[test]
fn a_bundle_holds_the_averages() {
    let task = Task::new(config(), data()).unwrap();
    let (memory, _) = run_task(&task, Memory::default());
    let files = memory.last_checkpoint();
    let header = checkpoint::read_header(&files.header).unwrap();
    let device = Device::flex();
    let fresh = State::new(&task.config, &task.architecture(), &device);
    let state = checkpoint::restore(fresh, &header, &files.tensors, &device).unwrap();
    let bytes = pollster::block_on(bundle::write(&state, &header)).unwrap();
    assert!(bytes.len() < files.tensors.len() / 6, "{} of {} bytes", bytes.len(), files.tensors.len());
    let read = bundle::read(&bytes, &device).unwrap();
    assert_eq!(read.header.subject, header.subject);
    let [whole, half] = [&state.average, &read.generator].map(|generator| {
        let values = slgan::nn::parameters::values(generator);
        values["output.weight"].clone().into_data().iter::<f32>().collect::<Vec<f32>>()
    });
    assert!(!whole.is_empty() && whole.len() == half.len());
    assert!(whole.iter().zip(&half).all(|(a, b)| (a - b).abs() <= 1e-3 * a.abs().max(0.01)));
    assert!(bundle::read(&bytes[..bytes.len() / 2], &device).is_err());
}

#[test]
fn configurations_that_do_not_fit_the_data_are_refused() {
    let refused = |config: Config| Task::new(config, data()).unwrap_err();
    let nothing = Config { mode: Mode::ClassConditional, label_budget: LabelBudget::None, ..config() };
    assert_eq!(refused(nothing), TaskError::NothingLabelled);
    let mut uneven = config();
    uneven.latent.artificial_labels = 15;
    assert!(refused(uneven).to_string().contains("multiple of the 10 classes"));
    let mut flat = config();
    flat.latent.dim = 8;
    let follows = Task::new(flat.clone(), data()).expect("labels that the data decide get their dimensions");
    assert_eq!(follows.config.latent.dim, 42, "32 more than labels");
    flat.latent.artificial_labels = 10;
    assert!(refused(flat).to_string().starts_with("latent.dim"));
    let few = Config { label_budget: LabelBudget::Fraction(0.01), ..config() };
    assert!(refused(few).to_string().contains("fewer than one"));
}
