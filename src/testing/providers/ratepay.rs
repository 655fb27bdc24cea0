//! Ratepay's subscription webhooks, as its documentation describes them.

pub(crate) mod backend;
pub(crate) mod error;
pub(crate) mod simulated_ratepay;

mod subscription;
mod subscription_fields;
mod token_endpoint;
