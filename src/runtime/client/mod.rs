//! The parts of a client, and the builder that makes them.

pub(crate) mod base_url;
mod build_error;
mod builder;
mod limiter;
#[cfg_attr(not(feature = "testing"), allow(dead_code))]
pub(crate) mod recorder;
mod request;
mod retry_policy;
mod state;
mod transport;

pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use retry_policy::RetryPolicy;

pub(crate) use base_url::BaseUrl;
pub(crate) use limiter::Permit;
pub(crate) use request::{Body, Request};
pub(crate) use state::{ClientState, Credentials};
pub(crate) use transport::{HttpClients, Transport};
