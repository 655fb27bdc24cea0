//! Ratepay's side of a simulator, as a test sees it.

use std::fmt;
use std::future::Future;
use std::sync::MutexGuard;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::oauth::{Owner, TOKEN_LIFETIME};
use super::request::Request;
use super::{State, Subscription};
use crate::ratepay::types::{self, SubscriptionId};
use crate::ratepay::{oauth, Client, Environment, SigningSecret};
use crate::runtime::ClientBuilder;
use crate::secret::Secret;
use crate::testing::delivery::{self, Delivery, Receiver};
use crate::testing::delivery_report::{DeliveryError, DeliveryReport};
use crate::testing::shared::Shared;
use crate::testing::{lock, random};
use crate::webhook_url::WebhookUrl;

/// Ratepay's side of a [`Simulator`](crate::testing::Simulator): the subscriptions of one client, and
/// of another whose subscriptions that one must not touch.
///
/// It is a copyable reference: its futures borrow the simulator, and nothing else.
#[derive(Clone, Copy)]
pub struct Ratepay<'a> {
    shared: &'a Shared,
    base_url: &'a str,
}

impl<'a> Ratepay<'a> {
    pub(in crate::testing) fn new(shared: &'a Shared, base_url: &'a str) -> Self {
        Self { shared, base_url }
    }

    /// Where the API and the token endpoint are. Ratepay's two environments, and its token server, are
    /// one here.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.base_url
    }

    /// A client with base URL and an access token of 30 minutes, to be built, or to be given other
    /// settings first.
    #[must_use]
    pub fn client_builder(self) -> ClientBuilder<Client> {
        Client::builder()
            .base_url(self.base_url())
            .access_token(self.access_token())
    }

    /// A client of the token endpoint, to be built.
    #[must_use]
    pub fn oauth_client_builder(self) -> ClientBuilder<oauth::Client> {
        oauth::Client::builder().base_url(self.base_url())
    }

    /// The client credentials that work here, as a source of tokens.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made; see [`BuildError`](crate::BuildError).
    pub fn client_credentials(self) -> Result<oauth::ClientCredentials, crate::BuildError> {
        let client = self.oauth_client_builder().build()?;
        Ok(oauth::ClientCredentials::with_client(
            client,
            Environment::Integration,
            self.client_id(),
            self.client_secret(),
        ))
    }

    /// The client id that the token endpoint knows.
    #[must_use]
    pub fn client_id(self) -> String {
        self.state().oauth.client_id.clone()
    }

    /// Its secret.
    #[must_use]
    pub fn client_secret(self) -> Secret {
        self.state().oauth.client_secret.clone()
    }

    /// A new access token, good for 30 minutes.
    #[must_use]
    pub fn access_token(self) -> Secret {
        self.access_token_for(TOKEN_LIFETIME)
    }

    /// A new access token, good for so long by the simulator's clock.
    #[must_use]
    pub fn access_token_for(self, lifetime: Duration) -> Secret {
        self.issue(Owner::Client, lifetime)
    }

    /// A new access token of another client's, good for 30 minutes. It may not change what the first
    /// client subscribed to, and does not see it.
    #[must_use]
    pub fn other_access_token(self) -> Secret {
        self.issue(Owner::Other, TOKEN_LIFETIME)
    }

    /// Adds a subscription of the client's, without a request, and returns its id.
    pub fn add_subscription(
        self,
        url: &WebhookUrl,
        event_type: impl Into<String>,
        secret: SigningSecret,
    ) -> SubscriptionId {
        let request = Request {
            url: url.as_str().to_owned(),
            event_type: event_type.into(),
            secret: secret.into(),
        };
        let now = self.shared.clock.now();
        let mut state = self.state();
        loop {
            let created = Subscription::create(Owner::Client, request.clone(), now);
            // What the simulator makes is what the type takes.
            if let Ok(id) = created.id.parse() {
                state.subscriptions.push(created);
                return id;
            }
        }
    }

    /// A subscription with the secret in force.
    #[must_use]
    pub fn subscription(self, id: &SubscriptionId) -> Option<types::Subscription> {
        let state = self.state();
        let found = state.subscriptions.iter().find(|it| it.id == id.as_str())?;
        // What the simulator writes is what the type reads.
        serde_json::from_value(found.item()).ok()
    }

    /// All subscriptions with their secrets, in the order in which they were created.
    #[must_use]
    pub fn subscriptions(self) -> Vec<types::Subscription> {
        let state = self.state();
        let items = state.subscriptions.iter().map(Subscription::item);
        items
            .filter_map(|it| serde_json::from_value(it).ok())
            .collect()
    }

    /// The secret in force of a subscription.
    #[must_use]
    pub fn secret(self, id: &SubscriptionId) -> Option<Secret> {
        let state = self.state();
        let (_, keys) = state.receiver(id.as_str())?;
        Some(keys.in_force().clone())
    }

    /// Posts a payload to a subscription's URL, signed with the secret in force, and reports what the
    /// receiver answered.
    ///
    /// The body is the payload as compact JSON; the signature, HMAC-SHA512 of it, is in the header
    /// `x-signature`. It is posted once: whether Ratepay tries again is not documented. Sources:
    /// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/>,
    /// <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks>.
    ///
    /// # Errors
    ///
    /// There is nowhere to deliver to; see [`DeliveryError`].
    pub fn deliver(
        self,
        id: &SubscriptionId,
        payload: &Value,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let (id, payload) = (id.clone(), payload.clone());
        async move {
            let delivery = self.delivery(&id, &payload)?;
            Ok(delivery::deliver(self.shared, &delivery).await)
        }
    }

    /// Puts a payload into the queue, which
    /// [`Simulator::deliver_queued`](crate::testing::Simulator::deliver_queued) delivers. Returns the
    /// id of the report.
    ///
    /// # Errors
    ///
    /// Those of [`deliver`](Self::deliver).
    pub fn queue(self, id: &SubscriptionId, payload: &Value) -> Result<Uuid, DeliveryError> {
        let mut delivery = self.delivery(id, payload)?;
        delivery.queued_with = self.secret(id);
        let id = delivery.id;
        lock(&self.shared.queue).push(delivery);
        Ok(id)
    }

    fn delivery(self, id: &SubscriptionId, payload: &Value) -> Result<Delivery, DeliveryError> {
        let state = self.state();
        let receiver = state.receiver(id.as_str());
        let (url, _) = receiver.ok_or(DeliveryError::NoSubscription)?;
        delivery::check_url(url)?;
        Ok(Delivery {
            id: random::uuid(),
            to: Receiver::Ratepay {
                subscription: id.as_str().to_owned(),
            },
            body: Bytes::from(payload.to_string()),
            created: self.shared.clock.now(),
            queued_with: None,
        })
    }

    fn issue(self, owner: Owner, lifetime: Duration) -> Secret {
        let now = self.shared.clock.now();
        self.state().oauth.issue(owner, now, lifetime)
    }

    fn state(self) -> MutexGuard<'a, State> {
        lock(&self.shared.ratepay)
    }
}

/// Tells where it is, and no credential.
impl fmt::Debug for Ratepay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ratepay")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
