//! Training: what a shell sees of it, what it saves, and what decides its bits.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../adapter/mod.rs"]
mod adapter;
mod damage;
#[path = "../few_digits/mod.rs"]
mod few_digits;
mod label_table;
mod many_classes;
mod matched;
mod runs;
mod shards;
mod step_by_hand;
mod together;
