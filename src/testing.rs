//! A simulator of both providers, and typed [`mock`]s of each operation, for a service's own tests.
//!
//! ```
//! use webhook_subscriptions::testing::{Fault, Operation, Simulator};
//! use webhook_subscriptions::Outcome;
//!
//! // In your tests, this is `#[tokio::test]`.
//! # #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let simulator = Simulator::start().await?;
//!     let pandadoc = simulator.pandadoc();
//!     let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse()?);
//!     let lost = simulator.inject(
//!         Fault::cut_after_applying()
//!             .on(Operation::UpdateWebhookSubscriptionSharedKey)
//!             .once(),
//!     );
//!
//!     // Your service gets this client.
//!     let client = pandadoc.client_builder().build()?;
//!     let error = client.update_webhook_subscription_shared_key(&id).await.unwrap_err();
//!
//!     assert_eq!(error.outcome(), Outcome::Unknown);
//!     assert_eq!(lost.hits().len(), 1);
//!     assert_eq!(pandadoc.key_generation(&id), Some(2), "the key has changed");
//!     Ok(())
//! }
//! ```
//!
//! | task | items |
//! |---|---|
//! | Simulate both providers. | [`Simulator`], [`SimulatorBuilder`], [`SimulatedPandaDoc`], [`SimulatedRatepay`] |
//! | Advance the time. | [`Clock`] |
//! | Count or watch requests. | [`Operation`], [`Provider`], [`RecordedRequest`] |
//! | Inject faults into requests. | [`Fault`], [`FaultHit`], [`FaultEffect`], [`InjectedFault`], [`RefusedConnections`] |
//! | Deliver, and see what the receiver answered. | [`DeliveryReport`], [`DeliveryAttempt`], [`ReceiverResponse`], [`DeliveryError`], [`DeliveryFailure`], [`RecordedDelivery`] |
//! | Inject faults into deliveries. | [`DeliveryFault`], [`DeliveryFaultHit`], [`DeliveryFaultEffect`] |
//! | Deliver under load. | [`SteadyDeliveries`], [`SteadyReport`], [`SteadyDelivery`], [`SteadyAttempt`] |
#![cfg_attr(
    feature = "rotate",
    doc = "| Keep a rotation's record in memory, and inject faults. | [`MemoryStore`], [`StoreFault`], [`StoreFaultHit`] |"
)]
#![cfg_attr(
    feature = "rotate",
    doc = "| Check a store of your own. | [`StoreContract`], [`BrokenPromise`] |"
)]
//! | Mock a single operation. | [`mock`] |
//!
//! The guide [Testing](crate::docs::testing) has complete tests of a service. Tests in other languages use the
//! control API and its page: see [Simulator](crate::docs::simulator).
//!
//! Needs the feature `testing`. Stores and their faults also need the feature `rotate`.
//!
//! Not for production: its keys and tokens come from a predictable generator.

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
