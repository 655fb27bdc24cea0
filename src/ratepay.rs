//! Ratepay: webhook subscriptions, each a URL, an event type and a secret.
//!
//! Source: `specs/ratepay.yaml`, written by hand from Ratepay's documentation, whose pages it names.
//!
//! [`Client::update_subscription`] replaces the whole subscription. It is idempotent (RFC 9110, section 9.2.2), so
//! it can be called again. Ratepay doesn't say how long it uses the old secret for deliveries that are already
//! queued.
//!
//! Ratepay documents no way to read a secret back. So store a new secret before the call:
//!
//! ```no_run
//! use webhook_subscriptions::ratepay::{types::SubscriptionRequest, Client, Environment, SigningSecret};
//!
//! # fn store(_: &SigningSecret) {}
//! # async fn change_secret() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder()
//!     .environment(Environment::Integration)
//!     .access_token(std::env::var("RATEPAY_TOKEN")?)
//!     .build()?;
//! let subscription = SubscriptionRequest {
//!     url: "https://shop.example/hooks/invoice".parse()?,
//!     event_type: "INVOICE_INVOICE".to_owned(),
//!     secret: SigningSecret::generate(),
//! };
//! store(&subscription.secret);
//! let id = "d8znR1k1_0Kw305BsoPT".parse()?;
//! client.update_subscription(&id, &subscription).await?;
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
mod signing_secret;
mod subscription_id;

use crate::runtime::progenitor_client::generated_client;
use crate::runtime::{ClientBuilder, Error, ResponseValue};

// At the root too, since keys of other kinds fail to be made in the same way.
#[doc(no_inline)]
pub use crate::secret::RandomnessError;
/// Calls Ratepay's API for webhook subscriptions.
///
/// Clones share the connections, the credential and the rate limit.
///
/// ```
/// use webhook_subscriptions::ratepay::{oauth::ClientCredentials, Client, Environment};
///
/// # fn build(id: String, secret: String) -> Result<Client, webhook_subscriptions::BuildError> {
/// let environment = Environment::Integration;
/// let client = Client::builder()
///     .environment(environment)
///     .credential_source(ClientCredentials::new(environment, id, secret)?)
///     .build()?;
/// # Ok(client)
/// # }
/// ```
pub use generated::Client;
pub use signing_secret::{SigningSecret, SigningSecretError};

/// The types of requests and responses.
///
/// Responses are `#[non_exhaustive]` and gain members in minor versions. So do requests with optional members.
/// Make such a request with `new`, which takes the required members. Set the optional ones with the methods named
/// after them. Requests that have only required members are written as literals.
pub mod types {
    // The document has no string enum so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
    pub use super::subscription_id::{SubscriptionId, SubscriptionIdError};
}

generated_client!("ratepay.rs", quirks::QUIRKS);

/// The server of Ratepay's that a client calls.
///
/// Source: `servers` of `specs/ratepay.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `https://api-integration.ratepay.com`, for tests.
    Integration,
    /// `https://api.ratepay.com`: a change here affects real customers.
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
    /// Starts a client. It needs an [`environment`](ClientBuilder::environment) or a
    /// [`base_url`](ClientBuilder::base_url).
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(None)
    }

    /// Returns the active subscription with this id, if there is one.
    ///
    /// Ratepay documents no operation for a single subscription, so this lists them all and picks one. The
    /// status and the headers are those of the list.
    ///
    /// ```no_run
    /// use webhook_subscriptions::{ratepay, Error};
    ///
    /// async fn show(client: &ratepay::Client, id: &ratepay::types::SubscriptionId) -> Result<(), Error> {
    ///     match client.subscription(id).await?.into_inner() {
    ///         Some(subscription) => println!("{id} delivers to {:?}", subscription.url),
    ///         None => println!("{id} isn't active"),
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`list_subscriptions`](Self::list_subscriptions).
    pub async fn subscription(
        &self,
        id: &types::SubscriptionId,
    ) -> Result<ResponseValue<Option<types::ListedSubscription>>, Error> {
        let all = self.list_subscriptions().await?;
        let is_it = |subscription: &types::ListedSubscription| {
            subscription.id.as_deref() == Some(id.as_str())
        };
        Ok(all.map(|all| all.0.into_iter().find(is_it)))
    }
}

/// The settings that only a Ratepay client has.
impl ClientBuilder<Client> {
    /// Sets the server. There is no default, so a client calls the production server only if it is named.
    /// A [`base_url`](Self::base_url) overrides this.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.server = Some(environment.server());
        self
    }
}
