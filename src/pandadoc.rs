//! PandaDoc: webhook subscriptions, their shared keys, and the events that were delivered or failed.
//!
//! Sources: `specs/pandadoc.json`, the OpenAPI document that PandaDoc publishes, and for the operations that it
//! lacks `specs/pandadoc-webhooks.yaml`, written by hand after version 8.8.0 of that document.
//!
//! The key that [`Client::update_webhook_subscription_shared_key`] returns signs all later deliveries. PandaDoc
//! doesn't say that the old key stays valid for a while. The call isn't idempotent: each one makes another key.
//! If its [`Outcome`](crate::Outcome) is [`Unknown`](crate::Outcome::Unknown) or
//! [`Applied`](crate::Outcome::Applied), don't call again. Read the current key back with
//! [`Client::details_webhook_subscription`].
//!
//! ```no_run
//! use webhook_subscriptions::{pandadoc, Outcome};
//!
//! # async fn change_key() -> Result<(), Box<dyn std::error::Error>> {
//! let client = pandadoc::Client::builder()
//!     .api_key(std::env::var("PANDADOC_API_KEY")?)
//!     .build()?;
//! let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
//! let key = match client.update_webhook_subscription_shared_key(&id).await {
//!     Ok(answer) => Some(answer.into_inner().shared_key),
//!     Err(error) if matches!(error.outcome(), Outcome::Unknown | Outcome::Applied) => {
//!         client.details_webhook_subscription(&id).await?.into_inner().shared_key
//!     }
//!     // The key didn't change.
//!     Err(error) => return Err(error.into()),
//! };
//! # Ok(()) }
//! ```
//!
//! A [`Rotation`] does this on a schedule, and handles every failure. [`delivery`] parses deliveries, and
//! [`verify`](crate::verify) verifies them.
//!
#![cfg_attr(feature = "rotate", doc = "[`Rotation`]: crate::Rotation")]
#![cfg_attr(not(feature = "rotate"), doc = "[`Rotation`]: crate::docs::rotation")]

pub mod delivery;
pub mod oauth;

mod quirks;

use crate::auth::Credential;
use crate::runtime::progenitor_client::generated_client;
use crate::runtime::ClientBuilder;
use crate::secret::Secret;

/// Calls PandaDoc's API for webhook subscriptions and the events that they delivered.
///
/// Clones share the connections, the credential and the rate limit. Operations that the published document lacks are
/// described by hand; see the [module](self).
///
/// ```
/// use webhook_subscriptions::pandadoc::Client;
///
/// # fn build(key: String) -> Result<Client, webhook_subscriptions::BuildError> {
/// let client = Client::builder().api_key(key).build()?;
/// # Ok(client)
/// # }
/// ```
pub use generated::Client;

/// The types of requests and responses.
///
/// Responses are `#[non_exhaustive]` and gain members in minor versions. So do requests with optional members.
/// Make such a request with `new`, which takes the required members. Set the optional ones with the methods named
/// after them. Requests that have only required members are written as literals.
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

/// PandaDoc's only server. Source: `servers` of its OpenAPI document.
const SERVER: &str = "https://api.pandadoc.com";

impl Client {
    /// Starts a client. Calls go to `https://api.pandadoc.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(SERVER))
    }
}

/// The settings that only a PandaDoc client has.
impl ClientBuilder<Client> {
    /// Authenticates with an API key, sent as `Authorization: API-Key <key>`.
    ///
    /// Give the key alone, without that prefix. For an OAuth 2.0 token, use
    /// [`access_token`](Self::access_token) instead. Source: the security schemes `apiKey` and `oauth2`.
    #[must_use]
    pub fn api_key(self, key: impl Into<Secret>) -> Self {
        self.fixed(Credential::api_key(key))
    }
}
