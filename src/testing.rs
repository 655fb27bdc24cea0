//! What a service tests its own code with: a simulator of both providers, and typed [`mock`]s of each operation.
//!
//! A request goes one way through it: [`Simulator`] → `server` → `handle`, which finds the
//! [`Operation`], asks whether a [`Fault`] concerns it, and has one of the two providers answer. A
//! delivery goes the other way: a provider's side → `delivery`, which signs → `post`.
//!
//! Behind the feature `testing`. Not for production: its keys and tokens come from a generator that can
//! be guessed.

mod answer;
mod clock;
mod credentials;
mod delivery;
mod delivery_fault;
mod delivery_report;
mod exchange;
mod fault;
mod handle;
mod injected;
mod keys;
mod limit;
pub mod mock;
mod operation;
mod pandadoc;
mod post;
mod random;
mod ratepay;
mod server;
mod shared;
mod simulator;

pub use clock::Clock;
pub use delivery_fault::{DeliveryFault, DeliveryFaultEffect, DeliveryFaultHit};
pub use delivery_report::{
    DeliveryAttempt, DeliveryError, DeliveryFailure, DeliveryReport, Received,
};
pub use exchange::Exchange;
pub use fault::{Fault, FaultEffect, FaultHit};
pub use injected::Injected;
pub use operation::{Operation, Provider};
pub use pandadoc::PandaDoc;
pub use ratepay::Ratepay;
pub use server::Refusal;
pub use simulator::{Simulator, SimulatorBuilder};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is locked is whole at all times, so that a panic elsewhere does no harm to it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
