//! A program that was started several times, or that shall use several devices. `.ci/mpi` tries it with MPI.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{TRAIN, Workplace};

/// What the launchers of Open MPI, MPICH and Slurm tell a process: its rank, and the number of processes.
const LAUNCHERS: [[&str; 2]; 3] = [
    ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
    ["PMI_RANK", "PMI_SIZE"],
    ["SLURM_PROCID", "SLURM_STEP_NUM_TASKS"],
];

fn train() -> String {
    format!("{TRAIN} --data folder:pictures --out run --steps 2")
}

#[cfg(not(feature = "mpi"))]
#[test]
fn without_the_feature_several_processes_are_refused_once() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    for names in LAUNCHERS {
        let mut first = workplace.command(&train());
        first.envs(names.into_iter().zip(["0", "4"]));
        workplace.fails(&mut first, 2, &["started 4 processes", "without MPI", "--features mpi", "docs/scale.md"]);
        let other = workplace.command(&train()).envs(names.into_iter().zip(["3", "4"])).output().unwrap();
        assert!(other.status.code() == Some(2) && other.stderr.is_empty(), "rank 0 alone prints: {other:?}");
    }
}

#[test]
fn one_process_of_a_launcher_trains() {
    for names in LAUNCHERS {
        let workplace = Workplace::new();
        workplace.write_pictures("pictures");
        let output = workplace.command(&train()).envs(names.into_iter().zip(["0", "1"])).output().unwrap();
        assert!(output.status.success() && workplace.path("run/report.html").is_file(), "{output:?}");
    }
}

#[test]
fn several_devices_without_mpi_are_refused_with_the_right_call() {
    let workplace = Workplace::new();
    let line = "train --devices gpu:0,gpu:1,cpu --set gate.tau=0.8 --out my-run";
    workplace.refuses(line, 2, &[&format!("mpirun -n 3 slgan {line}")]);
    workplace.refuses("train --devices gpu:0 --device cpu", 2, &["--device", "cannot be used with"]);
}

#[test]
fn a_list_of_one_device_is_that_device() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let line = train().replace("--device cpu", "--devices cpu");
    let (_, stderr) = workplace.run(&line);
    assert!(stderr.contains("device: CPU"), "{stderr}");
    let line = line.replace("--devices cpu", "--devices gpu:250").replace("--out run", "--out other");
    workplace.refuses(&line, 2, &["gpu:250"]);
}

#[test]
fn a_study_is_started_once() {
    let workplace = Workplace::new();
    let mut command = workplace.command("study s.toml");
    command.envs(LAUNCHERS[0].into_iter().zip(["0", "2"]));
    workplace.fails(&mut command, 2, &["started 2 studies", "--devices"]);
}
