//! How long exchanges would take on a network.

use slgan::train::exchange::Phase;

use super::trace::Round;

/// What connects each process to all others.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Its rate in each direction.
    pub gigabits_per_second: f64,
    /// The delay of a message.
    pub microseconds: f64,
}

/// A step of all processes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// How long it takes.
    pub seconds: f64,
    /// How long a process computes, on average.
    pub computing: f64,
    /// Bytes that a process sends, at most.
    pub bytes: usize,
}

/// The whole steps of a trace, without the first, which also prepares. Steps begin where the processes hear what the
/// first one wants.
///
/// An exchange of a process begins when all are ready and the delay has passed. It ends when the bytes of the fuller
/// direction have gone through the link. A process alone exchanges nothing.
pub fn steps(trace: &[Vec<Round>], link: Link) -> Vec<Step> {
    let rate = link.gigabits_per_second * 1e9 / 8.0;
    let delay = if trace.len() > 1 { link.microseconds * 1e-6 } else { 0.0 };
    let mut clocks = vec![0.0; trace.len()];
    let (mut sent, mut computed) = (vec![0; trace.len()], 0.0);
    let (mut steps, mut begin) = (Vec::new(), None);
    for number in 0..trace.first().map_or(0, Vec::len) {
        let rounds: Vec<&Round> = trace.iter().map(|rounds| &rounds[number]).collect();
        let slowest = rounds.iter().zip(&clocks).map(|(round, clock)| clock + round.computing).fold(0.0, f64::max);
        for (rank, round) in rounds.iter().enumerate() {
            let to_others = round.bytes.iter().sum::<usize>() - round.bytes[rank];
            let from_others = rounds.iter().map(|other| other.bytes[rank]).sum::<usize>() - round.bytes[rank];
            clocks[rank] = slowest + delay + to_others.max(from_others) as f64 / rate;
            sent[rank] += to_others;
            computed += round.computing / trace.len() as f64;
        }
        if rounds[0].phase == Phase::Control {
            let now = clocks.iter().copied().fold(0.0, f64::max);
            let bytes = sent.iter().copied().max().unwrap_or(0);
            steps.extend(begin.map(|begin| Step { seconds: now - begin, computing: computed, bytes }));
            (begin, computed) = (Some(now), 0.0);
            sent.fill(0);
        }
    }
    steps.drain(..steps.len().min(1));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(phase: Phase, computing: f64, bytes: &[usize]) -> Round {
        Round { phase, computing, bytes: bytes.to_vec() }
    }

    #[test]
    fn a_step_waits_for_the_slowest_and_for_the_fullest_link() {
        let control = || round(Phase::Control, 0.0, &[0, 0]);
        let of = |computing, bytes: &[usize]| {
            let step = || [round(Phase::Generator, computing, bytes), control()];
            [vec![control()], step().to_vec(), step().to_vec()].concat()
        };
        // What a process keeps does not go through its link. A gigabyte per second, and a tenth of a second of delay.
        let trace = [of(1.0, &[9_000_000_000, 500_000_000]), of(3.0, &[2_000_000_000, 0])];
        let link = Link { gigabits_per_second: 8.0, microseconds: 1e5 };
        let [step] = steps(&trace, link)[..] else { panic!("one step after the first") };
        assert!((step.seconds - (3.0 + 0.1 + 2.0 + 0.1)).abs() < 1e-9, "{step:?}");
        assert_eq!((step.computing, step.bytes), (2.0, 2_000_000_000));
    }

    #[test]
    fn a_process_alone_only_computes() {
        let control = || round(Phase::Control, 0.5, &[7]);
        let link = Link { gigabits_per_second: 1.0, microseconds: 50.0 };
        assert_eq!(
            steps(&[vec![control(), control(), control()]], link),
            [Step { seconds: 0.5, computing: 0.5, bytes: 0 }]
        );
    }
}
