//! Tests of `cargo xtask spec`.

mod answers;
mod command;
mod credentials;
mod diff;
mod generated;
mod install;
mod operations;
mod package;
mod records;
mod requests;
mod verdicts;
