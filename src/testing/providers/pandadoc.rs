//! PandaDoc, as its published document and its documentation describe it.

pub(crate) mod backend;
pub(crate) mod error;
pub(crate) mod simulated_pandadoc;

mod credentials;
mod event_history;
mod event_query;
mod rate_limit;
mod simulated_deliveries;
mod subscription;
mod subscription_fields;
mod token_endpoint;
