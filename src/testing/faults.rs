//! Faults: failures that a test injects into a simulator or a store.
//!
//! `simulator/fault_injection.rs` applies those of requests; `deliveries/sender.rs` those of deliveries;
//! `memory_store.rs` those of stores.

pub(super) mod delivery_fault;
pub(super) mod injected_fault;
pub(super) mod request_fault;
#[cfg(feature = "rotate")]
pub(super) mod store_fault;
