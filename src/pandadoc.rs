//! PandaDoc: webhook subscriptions, their shared keys, and the deliveries that were tried.
//!
//! Source: the OpenAPI document that PandaDoc publishes, `specs/pandadoc.json`, and for the operations that
//! it lacks `specs/pandadoc-webhooks.yaml`, written by hand.
//!
//! The key that [`Client::update_webhook_subscription_shared_key`] returns is the one that signs
//! from then on; PandaDoc does not say that the old one stays valid for a while. The call is not
//! idempotent: each makes another key. Where its [`Outcome`](crate::Outcome) is
//! [`Unknown`](crate::Outcome::Unknown) or [`Applied`](crate::Outcome::Applied), read the present key
//! back with [`Client::details_webhook_subscription`] instead of calling again.

pub mod delivery;
pub mod oauth;

mod quirks;

use crate::runtime::linkage::generated_client;
use crate::runtime::{ClientBuilder, Credential};
use crate::secret::Secret;

pub use generated::Client;

/// The types of requests and responses.
///
/// Answers are `#[non_exhaustive]` and gain members in minor versions. So do requests that have optional members:
/// make them with `new`, which takes the required members, and set the optional ones with the methods named after
/// them. Requests of required members alone are written as literals.
///
/// ```
/// use webhook_subscriptions::pandadoc::types::{
///     WebhookSubscriptionCreateRequest, WebhookSubscriptionTriggerEnum,
/// };
///
/// let request = WebhookSubscriptionCreateRequest::new(
///     "Invoices",
///     vec![WebhookSubscriptionTriggerEnum::DocumentStateChanged],
///     "https://shop.example/hooks".parse()?,
/// )
/// .active(true);
/// assert_eq!(request.name, "Invoices");
/// # Ok::<(), webhook_subscriptions::WebhookUrlError>(())
/// ```
pub mod types {
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
}

generated_client!("pandadoc.rs", quirks::QUIRKS);

/// The one server that PandaDoc has. Source: `servers` of its OpenAPI document.
const SERVER: &str = "https://api.pandadoc.com";

impl Client {
    /// How to make a client. Calls go to `https://api.pandadoc.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(SERVER))
    }
}

/// What only a PandaDoc client is told.
impl ClientBuilder<Client> {
    /// Authenticates with an API key, sent as `Authorization: API-Key <key>`.
    ///
    /// Give the key alone, without that prefix. An OAuth 2.0 token goes to
    /// [`access_token`](Self::access_token) instead. Source: security schemes `apiKey` and `oauth2`.
    #[must_use]
    pub fn api_key(self, key: impl Into<Secret>) -> Self {
        self.fixed(Credential::api_key(&key.into()))
    }
}
