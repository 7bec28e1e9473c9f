//! Several ranks train one run: the same bits on any number of them, and errors that name the rank and what differs.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use burn::tensor::Device;
use slgan::train::checkpoint::{self, CheckpointFiles};
use slgan::train::event::Event;
use slgan::train::exchange::{Exchange, ExchangeError, InProcess, Phase};
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Outcome, TrainError, train, train_together};

use crate::{adapter, few_digits};

/// A shell that keeps the last checkpoint, and can stop the run.
#[derive(Default)]
struct Memory {
    events: usize,
    turns: usize,
    stop_after: Option<u64>,
    saved: Option<CheckpointFiles>,
}

impl Shell for Memory {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.events += 1;
        if let Event::Checkpoint(checkpoint) = event {
            self.saved = Some(checkpoint.files);
        }
        Ok(())
    }

    async fn turn(&mut self, state: &State) -> Control {
        self.turns += 1;
        match self.stop_after {
            Some(step) if step == state.step => Control::Stop,
            _ if self.turns.is_multiple_of(3) => Control::Log,
            _ if self.turns.is_multiple_of(5) => Control::Pause,
            _ => Control::Continue,
        }
    }
}

/// An exchange whose rank receives wrong bits, or fails, in one phase.
struct Faulty {
    inner: InProcess,
    fault: Option<(Phase, Fault)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Bits,
    Death,
}

impl Exchange for Faulty {
    fn rank(&self) -> usize {
        self.inner.rank()
    }

    fn ranks(&self) -> usize {
        self.inner.ranks()
    }

    async fn all_to_all(&self, phase: Phase, parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        self.inner.all_to_all(phase, parts).await
    }

    async fn all_gather(&self, phase: Phase, bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        let fault = self.fault.and_then(|(faulty, fault)| (faulty == phase).then_some(fault));
        if fault == Some(Fault::Death) {
            return Err(ExchangeError { rank: self.rank(), phase, reason: "it dies".to_owned() });
        }
        let mut received = self.inner.all_gather(phase, bytes).await?;
        if fault == Some(Fault::Bits) {
            // Of every number, since the first one may be 0.
            received[0].iter_mut().skip(1).step_by(4).for_each(|byte| *byte ^= 1);
        }
        Ok(received)
    }
}

/// Polls futures together until all are done.
fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut results: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    pollster::block_on(poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none()
                && let Poll::Ready(output) = future.as_mut().poll(context)
            {
                *result = Some(output);
            }
        }
        if results.iter().all(Option::is_some) {
            return Poll::Ready(());
        }
        // A device's answer wakes one waker, which may be that of a rank polled earlier.
        context.waker().wake_by_ref();
        Poll::Pending
    }));
    results.into_iter().flatten().collect()
}

/// What one rank of a run begins with.
struct Start {
    task: Task,
    state: State,
    shell: Memory,
    fault: Option<(Phase, Fault)>,
}

impl Start {
    fn new(settings: &[&str], device: &Device) -> Self {
        let task = task(settings);
        let state = State::new(&task.config, &task.architecture(), device);
        Self { task, state, shell: Memory::default(), fault: None }
    }
}

/// How a rank ended, with its shell and state.
type End = (Result<Outcome, TrainError>, Memory, State);

fn run_on(starts: Vec<Start>, device: &Device) -> Vec<End> {
    let ranks = InProcess::together(starts.len()).into_iter().zip(starts);
    let runs = ranks.map(|(inner, Start { task, mut state, mut shell, fault })| async move {
        let exchange = Faulty { inner, fault };
        let result = train_together(&exchange, &task, &mut state, device, "CPU", None, &mut shell).await;
        (result, shell, state)
    });
    all(runs.collect())
}

fn run(starts: Vec<Start>) -> Vec<End> {
    run_on(starts, &Device::flex())
}

fn task(settings: &[&str]) -> Task {
    task_of(settings, 100)
}

/// A task with so many images.
fn task_of(settings: &[&str], images: u64) -> Task {
    let base = [
        "steps=4",
        "batch=12",
        "labels=0.5",
        "classifier.labelled_batch=12",
        "gate.warm_up=1",
        "report.log_every=2",
        "report.sample_every=2",
        "report.evaluate_every=0",
        "report.checkpoint_every=3",
    ];
    few_digits::task(&[&base[..], settings].concat(), images)
}

fn starts(settings: &[&str], ranks: usize) -> Vec<Start> {
    (0..ranks).map(|_| Start::new(settings, &Device::flex())).collect()
}

/// The checkpoint of a run of so many ranks, after checking that only the first one's shell was asked.
#[track_caller]
fn saved(ends: Vec<End>) -> CheckpointFiles {
    let mut first = None;
    for (rank, (result, shell, _)) in ends.into_iter().enumerate() {
        assert_eq!(result.map_err(|error| error.to_string()), Ok(Outcome::Finished), "rank {rank}");
        match rank {
            0 => first = shell.saved,
            _ => assert_eq!((shell.events, shell.turns), (0, 0), "rank {rank} has a silent shell"),
        }
    }
    first.expect("a run ends with a checkpoint")
}

fn errors(ends: Vec<End>) -> Vec<String> {
    ends.into_iter().map(|(result, ..)| result.expect_err("the run fails").to_string()).collect()
}

#[track_caller]
fn is_the_same_on_any_number_of_ranks(settings: &[&str], ranks: &[usize]) {
    let alone = saved(run(starts(settings, 1)));
    for &ranks in ranks {
        let together = saved(run(starts(settings, ranks)));
        assert!(together.tensors == alone.tensors, "{settings:?}: tensors of {ranks} ranks");
        assert!(together.header == alone.header, "{settings:?}: the header of {ranks} ranks");
    }
}

#[test]
fn any_number_of_ranks_has_the_same_bits() {
    is_the_same_on_any_number_of_ranks(&["shards=4"], &[2, 4]);
    is_the_same_on_any_number_of_ranks(&["shards=6", "steps=2"], &[2, 3, 6]);
}

#[test]
fn any_number_of_ranks_has_the_same_bits_with_every_option() {
    let settings = [
        "shards=4",
        "discriminator.updates=2",
        "discriminator.r1_weight=1",
        "generator.conditional=true",
        "augment.color=true",
        "augment.translation=true",
        "augment.cutout=true",
        "gate.pseudo_label=soft",
        "gate.unlabeled=drop",
        "gate.tau=0.13",
    ];
    is_the_same_on_any_number_of_ranks(&settings, &[2, 4]);
}

#[test]
fn an_adapter_has_the_same_bits_on_any_number_of_ranks() {
    let Some(device) = adapter::first() else { return };
    let of_ranks = |ranks: usize| {
        let starts = (0..ranks).map(|_| Start::new(&["shards=4", "steps=2", "report.sample_every=0"], &device));
        saved(run_on(starts.collect(), &device))
    };
    assert!(of_ranks(1) == of_ranks(4), "four ranks and one differ");
}

/// Each part of the run begins with the checkpoint of the one before.
#[test]
fn a_run_goes_on_with_other_numbers_of_ranks() {
    let expected = saved(run(starts(&["shards=4", "steps=6"], 1)));
    let mut files: Option<CheckpointFiles> = None;
    for (ranks, steps) in [(4, "steps=2"), (2, "steps=4"), (1, "steps=6")] {
        let mut starts = starts(&["shards=4", steps], ranks);
        if let Some(files) = &files {
            let header = checkpoint::read_header(&files.header).unwrap();
            for start in &mut starts {
                let restored = checkpoint::restore(start.state.clone(), &header, &files.tensors, &Device::flex());
                start.state = restored.unwrap();
            }
        }
        files = Some(saved(run(starts)));
    }
    assert!(files == Some(expected), "a run on 4, 2 and then 1 rank differs from one on 1");
}

#[test]
fn all_ranks_stop_when_the_first_one_does() {
    let mut starts = starts(&["shards=2"], 2);
    starts[0].shell.stop_after = Some(2);
    // Only the first one's shell is asked.
    starts[1].shell.stop_after = Some(1);
    for (rank, (result, shell, state)) in run(starts).into_iter().enumerate() {
        assert!(matches!(result, Ok(Outcome::Stopped)), "rank {rank}");
        assert_eq!((state.step, shell.saved.is_some()), (2, rank == 0), "rank {rank}");
    }
}

#[test]
fn ranks_that_differ_are_found_before_the_first_step() {
    let cases = [
        ("gate.tau=0.8", "rank 2, exchange of start: gate.tau is 0.8, but 0.9 at rank 0"),
        ("steps=5", "rank 2, exchange of start: steps is 5, but 4 at rank 0"),
        ("shards=6", "rank 2, exchange of start: shards is 6, but 3 at rank 0"),
    ];
    for (setting, expected) in cases {
        let mut starts = starts(&["shards=3"], 3);
        starts[2] = Start::new(&["shards=3", setting], &Device::flex());
        let ends = run(starts);
        assert!(ends.iter().all(|(_, shell, state)| (shell.events, state.step) == (0, 0)), "{setting}");
        assert_eq!(errors(ends), [expected; 3]);
    }
}

#[test]
fn ranks_with_other_data_or_states_are_found_before_the_first_step() {
    let mut others = starts(&["shards=2"], 2);
    others[1].task = task_of(&["shards=2"], 101);
    for error in errors(run(others)) {
        assert!(error.starts_with("rank 1, exchange of start: the SHA-256 of the data is "), "{error}");
    }

    let mut others = starts(&["shards=2"], 2);
    others[1].state = Start::new(&["shards=2", "seed=1"], &Device::flex()).state;
    for error in errors(run(others)) {
        assert!(error.starts_with("rank 1, exchange of digests: "), "{error}");
        assert!(error.contains("is SHA-256 ") && error.ends_with(" at rank 0"), "{error}");
    }
}

#[test]
fn states_that_part_are_found_at_the_next_checkpoint() {
    let mut starts = starts(&["shards=2"], 2);
    starts[1].fault = Some((Phase::Classifier, Fault::Bits));
    let ends = run(starts);
    for (rank, (result, shell, state)) in ends.iter().enumerate() {
        let end = (state.step, shell.saved.is_some(), result.as_ref().map_err(ToString::to_string));
        assert!(matches!(end, (3, false, Err(_))), "the first save of rank {rank} is at step 3: {end:?}");
    }
    for error in errors(ends) {
        assert!(error.starts_with("rank 1, exchange of digests: "), "{error}");
    }
}

#[test]
fn a_rank_that_leaves_ends_the_run_everywhere() {
    for phase in [Phase::Start, Phase::Statistics, Phase::Discriminator, Phase::Control, Phase::Digests] {
        let mut starts = starts(&["shards=3"], 3);
        starts[1].fault = Some((phase, Fault::Death));
        let expected = [
            format!("rank 1, exchange of {phase}: it has left the run"),
            format!("rank 1, exchange of {phase}: it dies"),
            format!("rank 1, exchange of {phase}: it has left the run"),
        ];
        assert_eq!(errors(run(starts)), expected);
    }
}

#[test]
fn shards_that_cannot_be_divided_are_refused() {
    for error in errors(run(starts(&["shards=4"], 3))) {
        assert!(
            error.starts_with("shards: expected a multiple of the number of processes, which is 3, found 4"),
            "{error}"
        );
    }
}

/// The exchange of one process, in [`train`], changes nothing.
#[test]
fn one_rank_of_one_is_a_run_by_itself() {
    let device = Device::flex();
    let Start { task, mut state, mut shell, .. } = Start::new(&["shards=4"], &device);
    let alone = train(&task, &mut state, &device, "CPU", None, &mut shell);
    pollster::block_on(alone).expect("the run ends well");
    assert!(shell.saved == Some(saved(run(starts(&["shards=4"], 1)))));
}
