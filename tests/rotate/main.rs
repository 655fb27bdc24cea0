//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

#[cfg(unix)]
mod file_access;
mod file_damage;
mod file_store;
mod forgeries;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod kills;
mod memory_store;
mod one_process;
mod receiver;
mod retirement;
mod schedule;
mod sealing;
mod sealing_key;
mod service;
mod slow_clock;
mod stores;
mod world;
