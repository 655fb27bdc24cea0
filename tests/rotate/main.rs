//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

#[path = "../support/mod.rs"]
mod support;

mod endings;
#[cfg(unix)]
mod file_access;
mod file_damage;
mod file_store;
#[cfg(unix)]
mod full_disk;
mod lost_answers;
mod memory_store;
mod one_process;
mod restarts;
mod retirement;
mod revocation;
mod schedule;
mod sealing;
mod sealing_key;
mod store_faults;
mod stores;
mod world;
