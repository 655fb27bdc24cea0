//! PandaDoc's side of a simulator, as a test controls it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use uuid::Uuid;

use super::backend::Backend;
use super::subscription::Subscription;
use super::subscription_fields::SubscriptionFields;
use super::token_endpoint::TOKEN_LIFETIME;
use crate::pandadoc::types::{WebhookSubscriptionItemResponse, WebhookSubscriptionTriggerEnum};
use crate::pandadoc::{oauth, Client};
use crate::runtime::ClientBuilder;
use crate::secret::Secret;
use crate::testing::deliveries::sender::DeliverySender;
use crate::testing::lock::lock;
use crate::webhook_url::WebhookUrl;

/// PandaDoc's side of a [`Simulator`](crate::testing::Simulator): one workspace with an admin and a
/// member.
///
/// The value is a copyable reference. Its futures borrow only the simulator.
#[derive(Clone, Copy)]
pub struct SimulatedPandaDoc<'a> {
    pub(super) backend: &'a Arc<Mutex<Backend>>,
    pub(super) sender: &'a Arc<DeliverySender>,
    base_url: &'a str,
}

impl<'a> SimulatedPandaDoc<'a> {
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
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.base_url
    }

    /// Returns a client builder with the base URL and the admin's API key. Both can be overridden.
    #[must_use]
    pub fn client_builder(self) -> ClientBuilder<Client> {
        Client::builder()
            .base_url(self.base_url())
            .api_key(self.api_key())
    }

    /// Returns a builder for a client of the token endpoint.
    #[must_use]
    pub fn oauth_client_builder(self) -> ClientBuilder<oauth::Client> {
        oauth::Client::builder().base_url(self.base_url())
    }

    /// Returns the admin's API key.
    #[must_use]
    pub fn api_key(self) -> Secret {
        self.lock().credentials.api_key.clone()
    }

    /// Returns the admin's sandbox key. It allows 10 requests a minute to each operation
    /// (<https://developers.pandadoc.com/reference/limits>).
    #[must_use]
    pub fn sandbox_api_key(self) -> Secret {
        self.lock().credentials.sandbox_api_key.clone()
    }

    /// Returns the API key of a member.
    ///
    /// The member may list subscriptions, and list and read events. All other operations respond with
    /// 403. PandaDoc doesn't document the permissions of its roles.
    #[must_use]
    pub fn member_api_key(self) -> Secret {
        self.lock().credentials.member_api_key.clone()
    }

    /// Issues an access token for the admin, valid for a year.
    #[must_use]
    pub fn access_token(self) -> Secret {
        self.access_token_for(TOKEN_LIFETIME)
    }

    /// Issues an access token for the admin with this lifetime by the simulator's clock.
    #[must_use]
    pub fn access_token_for(self, lifetime: Duration) -> Secret {
        let now = self.sender.clock().now();
        self.lock().credentials.issue_token(now, lifetime)
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

    /// Returns the current refresh token.
    ///
    /// Each use replaces it by another. PandaDoc doesn't document whether it does so.
    #[must_use]
    pub fn refresh_token(self) -> Secret {
        self.lock().token_endpoint.refresh_token.clone()
    }

    /// Issues an authorization code, like the one that a user gets in the browser. It works once.
    #[must_use]
    pub fn authorization_code(self) -> Secret {
        self.lock().token_endpoint.issue_code().into()
    }

    /// Adds a subscription to all triggers without a request, and returns its id.
    ///
    /// Any URL is accepted here. [`deliver`](Self::deliver) requires one of this machine.
    pub fn add_subscription(self, url: &WebhookUrl) -> Uuid {
        let fields = SubscriptionFields {
            name: Some("Subscription".to_owned()),
            url: Some(url.as_str().to_owned()),
            triggers: Some(Some(all_triggers())),
            ..SubscriptionFields::default()
        };
        let subscription = Subscription::create(fields, self.sender.clock().now());
        let id = subscription.id;
        self.lock().subscriptions.push(subscription);
        id
    }

    /// Returns a subscription as the API shows it.
    #[must_use]
    pub fn subscription(self, id: &Uuid) -> Option<WebhookSubscriptionItemResponse> {
        let subscriptions = self.subscriptions();
        subscriptions
            .into_iter()
            .find(|it| it.uuid.as_ref() == Some(id))
    }

    /// Returns all subscriptions as the API shows them, in the order of their creation.
    #[must_use]
    pub fn subscriptions(self) -> Vec<WebhookSubscriptionItemResponse> {
        let backend = self.lock();
        // The client's type can read all that the simulator writes.
        backend
            .subscription_items()
            .filter_map(|it| serde_json::from_value(it).ok())
            .collect()
    }

    /// Returns the current key of a subscription, as the API shows it.
    #[must_use]
    pub fn shared_key(self, id: &Uuid) -> Option<Secret> {
        let backend = self.lock();
        let subscription = backend.subscription(id)?;
        Some(subscription.keys.current().value.clone())
    }

    /// Returns how many keys a subscription has had, including the current one.
    ///
    /// A new subscription has generation 1, and each regeneration adds 1.
    #[must_use]
    pub fn key_generation(self, id: &Uuid) -> Option<u64> {
        let backend = self.lock();
        Some(backend.subscription(id)?.keys.current().number)
    }

    /// Regenerates the key of a subscription without a request, like a user of PandaDoc's dashboard, and
    /// returns the new key. Returns `None` if there is no such subscription.
    ///
    /// Neither the count of requests nor a fault sees it. PandaDoc documents only the change by request.
    #[must_use = "nothing was changed if this is `None`"]
    pub fn change_key_at_dashboard(self, id: &Uuid) -> Option<Secret> {
        let now = self.sender.clock().now();
        let mut backend = self.lock();
        let subscription = backend.subscription_mut(id)?;
        Some(subscription.regenerate_key(now).clone())
    }

    pub(super) fn lock(self) -> MutexGuard<'a, Backend> {
        lock(self.backend)
    }
}

/// Shows the base URL, and no credential.
impl fmt::Debug for SimulatedPandaDoc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedPandaDoc")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Returns all triggers of PandaDoc's document.
fn all_triggers() -> Vec<String> {
    let known = WebhookSubscriptionTriggerEnum::KNOWN.iter();
    known.map(|it| (*it).to_owned()).collect()
}
