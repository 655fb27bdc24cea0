//! Ratepay's side of a simulator, as a test controls it.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::backend::{signed_request, Backend};
use super::subscription::{Owner, Subscription};
use super::subscription_fields::SubscriptionFields;
use super::token_endpoint::TOKEN_LIFETIME;
use crate::ratepay::types::{self, SubscriptionId};
use crate::ratepay::{oauth, Client, Environment, SigningSecret};
use crate::runtime::ClientBuilder;
use crate::secret::Secret;
use crate::testing::deliveries::delivery::Delivery;
use crate::testing::deliveries::forger::Forger;
use crate::testing::deliveries::report::{DeliveryError, DeliveryReport};
use crate::testing::deliveries::sender::DeliverySender;
use crate::testing::deliveries::steady::SteadyDeliveries;
use crate::testing::lock::lock;
use crate::testing::operation::Provider;
use crate::testing::providers::random;
use crate::webhook_url::WebhookUrl;

/// Ratepay's side of a [`Simulator`](crate::testing::Simulator): one client with its subscriptions, and
/// another client whose subscriptions the first can't see or change.
///
/// The value is a copyable reference. Its futures borrow only the simulator.
#[derive(Clone, Copy)]
pub struct SimulatedRatepay<'a> {
    backend: &'a Arc<Mutex<Backend>>,
    sender: &'a Arc<DeliverySender>,
    base_url: &'a str,
}

impl<'a> SimulatedRatepay<'a> {
    pub(crate) fn new(
        backend: &'a Arc<Mutex<Backend>>,
        sender: &'a Arc<DeliverySender>,
        base_url: &'a str,
    ) -> Self {
        Self {
            backend,
            sender,
            base_url,
        }
    }

    /// Returns the URL of the API and of the token endpoint.
    ///
    /// Ratepay's two environments and its token server have one URL here.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.base_url
    }

    /// Returns a client builder with the base URL and an access token that is valid for 30 minutes. Both
    /// can be overridden.
    #[must_use]
    pub fn client_builder(self) -> ClientBuilder<Client> {
        Client::builder()
            .base_url(self.base_url())
            .access_token(self.access_token())
    }

    /// Returns a builder for a client of the token endpoint.
    #[must_use]
    pub fn oauth_client_builder(self) -> ClientBuilder<oauth::Client> {
        oauth::Client::builder().base_url(self.base_url())
    }

    /// Returns the accepted client credentials as a source of access tokens.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client can't be created; see [`BuildError`](crate::BuildError).
    pub fn client_credentials(self) -> Result<oauth::ClientCredentials, crate::BuildError> {
        let client = self.oauth_client_builder().build()?;
        let (id, secret) = (self.client_id(), self.client_secret());
        Ok(client.client_credentials(Environment::Integration, id, secret))
    }

    /// Returns the client id that the token endpoint accepts.
    #[must_use]
    pub fn client_id(self) -> String {
        self.lock().token_endpoint.client_id.clone()
    }

    /// Returns the client secret that the token endpoint accepts.
    #[must_use]
    pub fn client_secret(self) -> Secret {
        self.lock().token_endpoint.client_secret.clone()
    }

    /// Issues an access token for the client, valid for 30 minutes.
    #[must_use]
    pub fn access_token(self) -> Secret {
        self.access_token_for(TOKEN_LIFETIME)
    }

    /// Issues an access token for the client with this lifetime by the simulator's clock.
    #[must_use]
    pub fn access_token_for(self, lifetime: Duration) -> Secret {
        self.issue_token(Owner::Client, lifetime)
    }

    /// Issues an access token for the other client, valid for 30 minutes.
    ///
    /// The other client can't see or change the subscriptions of the first.
    #[must_use]
    pub fn other_access_token(self) -> Secret {
        self.issue_token(Owner::OtherClient, TOKEN_LIFETIME)
    }

    /// Adds a subscription of the client without a request, and returns its id.
    ///
    /// Any URL is accepted here. [`deliver`](Self::deliver) requires one of this machine.
    pub fn add_subscription(
        self,
        url: &WebhookUrl,
        event_type: impl Into<String>,
        secret: SigningSecret,
    ) -> SubscriptionId {
        let fields = SubscriptionFields {
            url: url.as_str().to_owned(),
            event_type: event_type.into(),
            secret: secret.into(),
        };
        let now = self.sender.clock().now();
        let mut backend = self.lock();
        loop {
            let created = Subscription::create(Owner::Client, fields.clone(), now);
            // A random id is always valid.
            if let Ok(id) = created.id.parse() {
                backend.subscriptions.push(created);
                return id;
            }
        }
    }

    /// Returns a subscription with its current secret.
    #[must_use]
    pub fn subscription(self, id: &SubscriptionId) -> Option<types::Subscription> {
        let subscriptions = self.subscriptions();
        subscriptions
            .into_iter()
            .find(|it| it.id.as_deref() == Some(id.as_str()))
    }

    /// Returns all subscriptions with their current secrets, in the order of their creation.
    #[must_use]
    pub fn subscriptions(self) -> Vec<types::Subscription> {
        let backend = self.lock();
        // The client's type can read all that the simulator writes.
        backend
            .subscription_items()
            .filter_map(|it| serde_json::from_value(it).ok())
            .collect()
    }

    /// Returns the current secret of a subscription.
    #[must_use]
    pub fn secret(self, id: &SubscriptionId) -> Option<Secret> {
        let backend = self.lock();
        let subscription = backend.subscription(id.as_str())?;
        Some(subscription.keys.current().value.clone())
    }

    /// Returns how many secrets a subscription has had, including the current one.
    ///
    /// A new subscription has generation 1, and each update with another secret adds 1.
    #[must_use]
    pub fn key_generation(self, id: &SubscriptionId) -> Option<u64> {
        let backend = self.lock();
        Some(backend.subscription(id.as_str())?.keys.current().number)
    }

    /// Posts a payload to a subscription's URL, signed with the current secret, and reports the response.
    ///
    /// - The body is the payload as compact JSON.
    /// - The signature, HMAC-SHA512, is in the header `x-signature`.
    /// - Any 2xx status accepts the delivery.
    /// - There is one attempt. Ratepay doesn't document whether it retries.
    /// - The attempt times out after 20 seconds by the simulator's clock. Ratepay documents no timeout.
    ///
    /// Sources:
    /// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/>,
    /// <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks>.
    ///
    /// # Errors
    ///
    /// Returns an error if the payload can't be delivered; see [`DeliveryError`].
    pub fn deliver(
        self,
        id: &SubscriptionId,
        payload: &Value,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let (id, payload) = (id.clone(), payload.clone());
        async move {
            let delivery = self.delivery(&id, &payload)?;
            Ok(self.sender.deliver(&**self.backend, &delivery).await)
        }
    }

    /// Queues a payload and returns the id of its delivery.
    ///
    /// [`Simulator::deliver_queued`](crate::testing::Simulator::deliver_queued) sends it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    pub fn queue(self, id: &SubscriptionId, payload: &Value) -> Result<Uuid, DeliveryError> {
        let delivery = self.delivery(id, payload)?;
        Ok(self.sender.queue(self.backend.clone(), delivery))
    }

    /// Delivers a payload in the background, once in each period by the simulator's clock.
    ///
    /// The first delivery begins at once. Each is signed with the secret that is current then, and is
    /// reported by [`SteadyDeliveries::stop`]. See [`deliver`](Self::deliver) and [`SteadyDeliveries`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    ///
    /// # Panics
    ///
    /// Panics if `period` is 0.
    #[track_caller]
    pub fn deliver_steadily(
        self,
        id: &SubscriptionId,
        payload: &Value,
        period: Duration,
    ) -> Result<SteadyDeliveries, DeliveryError> {
        let delivery = self.delivery(id, payload)?;
        let source = self.backend.clone();
        Ok(SteadyDeliveries::start(
            self.sender,
            source,
            delivery,
            random::uuid,
            period,
        ))
    }

    /// Posts forged deliveries in the background, once in each period by the simulator's clock.
    ///
    /// The function does the same as [`deliver_steadily`](Self::deliver_steadily), with these differences:
    ///
    /// - Each delivery is signed with another random key, so a careful receiver accepts none.
    /// - All go to the URL that the subscription has at the time of this call.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    ///
    /// # Panics
    ///
    /// Panics if `period` is 0.
    #[track_caller]
    pub fn forge_steadily(
        self,
        id: &SubscriptionId,
        payload: &Value,
        period: Duration,
    ) -> Result<SteadyDeliveries, DeliveryError> {
        let delivery = self.delivery(id, payload)?;
        let url = self
            .lock()
            .subscription(id.as_str())
            .map(|it| it.settings().url.clone());
        let url = url.ok_or(DeliveryError::NoSubscription)?;
        let forger = Forger::new(url, || random::base62(64).into(), signed_request);
        let source = Arc::new(Mutex::new(forger));
        Ok(SteadyDeliveries::start(
            self.sender,
            source,
            delivery,
            random::uuid,
            period,
        ))
    }

    fn delivery(self, id: &SubscriptionId, payload: &Value) -> Result<Delivery, DeliveryError> {
        let backend = self.lock();
        let subscription = backend.subscription(id.as_str());
        let subscription = subscription.ok_or(DeliveryError::NoSubscription)?;
        let settings = subscription.settings();
        self.sender.receivers().check(&settings.url)?;
        Ok(Delivery {
            id: random::uuid(),
            provider: Provider::Ratepay,
            subscription: id.as_str().to_owned(),
            event_type: settings.event_type.clone(),
            body: Bytes::from(payload.to_string()),
            created: self.sender.clock().now(),
            key: subscription.keys.current().clone(),
        })
    }

    fn issue_token(self, owner: Owner, lifetime: Duration) -> Secret {
        let now = self.sender.clock().now();
        self.lock().token_endpoint.issue_token(owner, now, lifetime)
    }

    fn lock(self) -> MutexGuard<'a, Backend> {
        lock(self.backend)
    }
}

/// Shows the base URL, and no credential.
impl fmt::Debug for SimulatedRatepay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedRatepay")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
