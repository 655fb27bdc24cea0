//! The HTTP client, under the name `reqwest` in generated code.
//!
//! A wrapper for two reasons: the `Debug` of a generated client prints what it holds, and reqwest
//! prints default headers and proxies; and whoever makes a client gets one that follows no redirect.

// Public methods of a generated client name these types.
#![allow(unreachable_pub)]

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use reqwest::redirect::Policy;

/// How long a connection may lie idle before it is not used again.
///
/// Shorter than servers usually wait before they close one (60 s and more). A request that is
/// written while the server closes its end is lost with an unknown outcome, which is what this crate
/// exists to avoid.
const IDLE: Duration = Duration::from_secs(20);

/// A `reqwest::Client` that does not print what it holds.
#[derive(Clone)]
pub struct Client(reqwest::Client);

impl From<reqwest::Client> for Client {
    fn from(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl Deref for Client {
    type Target = reqwest::Client;

    fn deref(&self) -> &reqwest::Client {
        &self.0
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

/// A `reqwest::ClientBuilder` with the settings of this crate.
pub struct ClientBuilder(reqwest::ClientBuilder);

impl ClientBuilder {
    pub fn new() -> Self {
        Self(
            reqwest::Client::builder()
                .redirect(Policy::none())
                .referer(false)
                .pool_idle_timeout(IDLE),
        )
    }

    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self(self.0.connect_timeout(timeout))
    }

    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// Connects directly, whatever proxy the environment names.
    pub(super) fn without_proxy(self) -> Self {
        Self(self.0.no_proxy())
    }

    pub fn build(self) -> reqwest::Result<Client> {
        self.0.build().map(Client)
    }
}
