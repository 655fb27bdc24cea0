//! Faults: failures that a test injects into a simulator.
//!
//! `simulator/fault_injection.rs` applies those of requests; `deliveries/sender.rs` those of deliveries.

pub(super) mod delivery_fault;
pub(super) mod injected_fault;
pub(super) mod request_fault;
