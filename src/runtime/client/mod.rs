//! The parts of a client, and the builder that makes them.

mod base_url;
mod build_error;
mod builder;
mod limiter;
mod request;
mod retry_policy;
mod state;
mod transport;

pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use retry_policy::RetryPolicy;

#[cfg(feature = "testing")]
pub(crate) use base_url::is_loopback;
pub(crate) use base_url::BaseUrl;
pub(crate) use limiter::Permit;
pub(crate) use request::{Body, Request};
pub(crate) use state::{ClientState, Credentials};
pub(crate) use transport::{HttpClients, Transport};
#[cfg(feature = "testing")]
pub(crate) use transport::{Recorded, Recorder};
