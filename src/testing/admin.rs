//! The control API of a simulator, and its page, under `/__admin/`: what Rust does by the methods of
//! [`Simulator`](super::Simulator), for clients in any language.
//!
//! `openapi.yaml` describes it. [`server::Admin`] handles its requests. A request that isn't for this machine
//! or comes from a page of another origin is rejected before anything else; see `origin`.

pub(super) mod activity;
pub(super) mod answer;
pub(super) mod controls;
pub(super) mod server;

mod deliveries;
mod endpoint;
mod events;
mod fault_names;
mod faults;
mod members;
mod origin;
mod page;
mod redaction;
mod streams;
mod subscriptions;
