//! Runs of several processes, each with a device of its own.
//!
//! The processes are ranks, numbered from 0, and MPI starts them and moves their bytes; the arithmetic is the library's.
//! Rank 0 alone writes, prints and watches. A run of one process does not touch MPI at all, and without the feature
//! `mpi` a program that was started several times says so instead of training several times.

#[cfg(not(feature = "mpi"))]
mod absent;
#[cfg(feature = "mpi")]
mod aside;
mod group;
pub mod launch;
#[cfg(feature = "mpi")]
mod meeting;
mod rank;
#[cfg(feature = "mpi")]
mod transfer;
#[cfg(feature = "mpi")]
mod watchdog;
#[cfg(feature = "mpi")]
mod world;

pub use group::Group;
pub use rank::{Place, Spent};
