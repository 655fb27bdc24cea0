//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

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
mod retirement;
mod revocation;
mod schedule;
mod sealing;
mod sealing_key;
mod search;
mod step;
mod stores;
mod world;
