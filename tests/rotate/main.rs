//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

#[cfg(unix)]
mod file_access;
mod file_damage;
mod file_store;
#[cfg(unix)]
mod full_disk;
mod memory_store;
mod one_process;
mod read_only;
mod running;
mod sealing;
mod sealing_key;
mod smoke;
mod stores;
