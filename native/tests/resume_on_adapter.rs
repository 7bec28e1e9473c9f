//! A resumed run ends exactly where an uninterrupted one does, also on a GPU adapter. This test has its own file, so
//! that a software adapter can use all cores of the machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::runs::Run;
use common::{Workplace, no_adapter};

#[test]
fn halves_make_a_whole_on_an_adapter() {
    let workplace = Workplace::new();
    if no_adapter(&serde_json::from_str(&workplace.run("devices --json").0).expect("only JSON on standard output")) {
        return;
    }
    let [whole, halves] = ["whole", "halves"].map(|name| Run::new(&workplace, "gpu", name));
    whole.train(4, "--set report.checkpoint_every=2");
    halves.train(2, "--set report.checkpoint_every=2");
    halves.train(4, "--resume");
    assert!(whole.checkpoint(4) == halves.checkpoint(4), "the checkpoints differ");
    assert!(whole.checkpoint(2)[0] != whole.checkpoint(4)[0], "training must change the state");
}
