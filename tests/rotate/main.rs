//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

// The machine is private to the crate, and includes nothing else of it.
#[path = "../../src/rotate/machine/mod.rs"]
mod machine;
mod search;
mod step;
