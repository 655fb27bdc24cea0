//! A simulator of both providers, and typed [`mock`]s of each operation, for a service's own tests.
//!
//! | module | contents |
//! |---|---|
//! | `admin` | The control API and its page, for other languages. |
//! | `simulator` | The HTTP server: listener, router, request handler, fault injection. |
//! | `providers` | PandaDoc and Ratepay: subscriptions, credentials, responses. |
//! | `deliveries` | Signing, posting and reporting of deliveries. |
//! | `faults` | [`Fault`] for requests and [`DeliveryFault`] for deliveries. |
//! | `memory_store` | A store of rotations, with fault injection. |
//! | `store_contract` | A test that any store of rotations can be run through. |
//! | `mock` | Mocks for `httpmock`. |
//!
//! Requires the feature `testing`. Not for production: its keys and tokens come from a predictable
//! generator.

mod admin;
mod clock;
mod deliveries;
mod faults;
mod history;
mod lock;
#[cfg(feature = "rotate")]
mod memory_store;
pub mod mock;
mod operation;
mod providers;
mod simulator;
#[cfg(feature = "rotate")]
mod store_contract;
mod tasks;

pub use clock::Clock;
pub use deliveries::recorded_delivery::RecordedDelivery;
pub use deliveries::report::{
    DeliveryAttempt, DeliveryError, DeliveryFailure, DeliveryReport, ReceiverResponse,
};
pub use deliveries::steady::SteadyDeliveries;
pub use deliveries::steady_report::{SteadyAttempt, SteadyDelivery, SteadyReport};
pub use faults::delivery_fault::{DeliveryFault, DeliveryFaultEffect, DeliveryFaultHit};
pub use faults::injected_fault::InjectedFault;
pub use faults::request_fault::{Fault, FaultEffect, FaultHit};
#[cfg(feature = "rotate")]
pub use faults::store_fault::{StoreFault, StoreFaultHit};
#[cfg(feature = "rotate")]
pub use memory_store::MemoryStore;
pub use operation::{Operation, Provider};
pub use providers::pandadoc::simulated_pandadoc::SimulatedPandaDoc;
pub use providers::ratepay::simulated_ratepay::SimulatedRatepay;
pub use simulator::listener::RefusedConnections;
pub use simulator::recorded_request::RecordedRequest;
pub use simulator::{Simulator, SimulatorBuilder};
#[cfg(feature = "rotate")]
pub use store_contract::{BrokenPromise, StoreContract};
