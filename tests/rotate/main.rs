//! Rotation: a signing key changes without losing a delivery. Each file is one promise.

mod a_test_of_your_own;
mod canary;
mod endings;
#[cfg(unix)]
mod file_access;
mod file_damage;
mod file_store;
mod forgeries;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod kills;
mod late_requests;
mod lost_answers;
// The state machine is private to the crate, and imports nothing else of it.
#[path = "../../src/rotate/machine/mod.rs"]
mod machine;
mod memory_store;
mod missed;
mod one_process;
mod plan_and_status;
mod read_only;
mod receiver;
#[path = "../support/recorded.rs"]
mod recorded;
mod replicas;
mod restarts;
mod retirement;
mod revocation;
mod running;
mod schedule;
mod sealing;
mod sealing_key;
mod search;
#[cfg(unix)]
mod sentences;
mod service;
mod set_back;
mod slow_clock;
mod step;
mod store_clock;
mod store_contract;
mod store_faults;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod world;
