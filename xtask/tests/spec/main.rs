//! Tests of `cargo xtask spec`.

mod answers;
mod command;
mod editions;
mod operations;
mod records;
mod requests;
mod verdicts;
