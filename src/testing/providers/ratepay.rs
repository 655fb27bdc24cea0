//! Ratepay's subscription webhooks, as its documentation describes them.

pub(in crate::testing) mod backend;
pub(in crate::testing) mod error;
pub(in crate::testing) mod simulated_ratepay;

mod subscription;
mod subscription_fields;
mod token_endpoint;
