//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

mod memory_store;
mod stores;
