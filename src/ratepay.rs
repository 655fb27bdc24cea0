//! Ratepay: webhook subscriptions, each a URL, an event type and a secret.
//!
//! Source: `specs/ratepay.yaml`, written by hand from Ratepay's documentation, whose pages it names.
//!
//! [`Client::update_subscription`] replaces the whole subscription, so repeating it is safe: it is
//! idempotent (RFC 9110, section 9.2.2). Ratepay does not say how long the old secret stays in use
//! for deliveries that already wait.

pub mod delivery;
pub mod oauth;

mod quirks;
mod signing_secret;
mod subscription_id;

use crate::runtime::linkage::generated_client;
use crate::runtime::{ClientBuilder, Error};

pub use crate::webhook_url::{WebhookUrl, WebhookUrlError};
pub use generated::Client;
pub use signing_secret::{SigningSecret, SigningSecretError};

/// The types of requests and responses.
///
/// Answers are `#[non_exhaustive]` and gain members in minor versions. So do requests that have optional members:
/// make them with `new`, which takes the required members, and set the optional ones with the methods named after
/// them. Requests of required members alone are written as literals.
pub mod types {
    // Its document has no enum of text so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
    pub use super::subscription_id::{SubscriptionId, SubscriptionIdError};
}

generated_client!("ratepay.rs", quirks::QUIRKS);

/// Which of Ratepay's two servers a client talks to.
///
/// Source: `servers` of `specs/ratepay.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// `https://api-integration.ratepay.com`, for tests.
    Integration,
    /// `https://api.ratepay.com`: what is changed here is changed for real customers.
    Production,
}

impl Environment {
    fn server(self) -> &'static str {
        match self {
            Self::Integration => "https://api-integration.ratepay.com",
            Self::Production => "https://api.ratepay.com",
        }
    }
}

impl Client {
    /// How to make a client.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(None)
    }

    /// The active subscription of this id, if there is one.
    ///
    /// Ratepay documents no operation for one subscription: this lists them all and picks one.
    ///
    /// # Errors
    ///
    /// Those of [`list_subscriptions`](Self::list_subscriptions).
    pub async fn subscription(
        &self,
        id: &types::SubscriptionId,
    ) -> Result<Option<types::ListedSubscription>, Error> {
        let all = self.list_subscriptions().await?.into_inner();
        let is_it = |subscription: &types::ListedSubscription| {
            subscription.id.as_deref() == Some(id.as_str())
        };
        Ok(all.0.into_iter().find(is_it))
    }
}

/// What only a Ratepay client is told.
impl ClientBuilder<Client> {
    /// The server to talk to. There is no default: nothing reaches production unless it is named.
    /// A [`base_url`](Self::base_url) counts for more.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.server = Some(environment.server());
        self
    }
}
