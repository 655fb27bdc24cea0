//! Tests of `cargo xtask spec`.

mod answers;
mod command;
mod credentials;
mod editions;
mod generated;
mod operations;
mod records;
mod requests;
mod verdicts;
