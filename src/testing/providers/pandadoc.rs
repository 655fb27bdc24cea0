//! PandaDoc, as its published document and its documentation describe it.

pub(in crate::testing) mod backend;
pub(in crate::testing) mod error;
pub(in crate::testing) mod simulated_pandadoc;

mod credentials;
mod event_history;
mod event_query;
mod rate_limit;
mod subscription;
mod subscription_fields;
mod token_endpoint;
