//! PandaDoc's side of a simulator, as a test sees it.

use std::fmt;
use std::future::Future;
use std::sync::MutexGuard;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{json, Value};
use uuid::Uuid;

use super::request::Change;
use super::subscription::Subscription;
use super::{State, TOKEN_LIFETIME};
use crate::pandadoc::types::{WebhookSubscriptionItemResponse, WebhookSubscriptionTriggerEnum};
use crate::pandadoc::{oauth, Client};
use crate::runtime::ClientBuilder;
use crate::secret::Secret;
use crate::testing::delivery::{self, Delivery, Receiver};
use crate::testing::delivery_report::{DeliveryError, DeliveryReport};
use crate::testing::shared::Shared;
use crate::testing::{lock, random};
use crate::webhook_url::WebhookUrl;

/// PandaDoc's side of a [`Simulator`](crate::testing::Simulator): one workspace, with the credentials
/// of an admin and of a member.
///
/// It is a copyable reference: its futures borrow the simulator, and nothing else.
#[derive(Clone, Copy)]
pub struct PandaDoc<'a> {
    shared: &'a Shared,
    base_url: &'a str,
}

impl<'a> PandaDoc<'a> {
    pub(in crate::testing) fn new(shared: &'a Shared, base_url: &'a str) -> Self {
        Self { shared, base_url }
    }

    /// Where the API and the token endpoint are.
    #[must_use]
    pub fn base_url(self) -> &'a str {
        self.base_url
    }

    /// A client with base URL and the admin's API key, to be built, or to be given other settings first.
    #[must_use]
    pub fn client_builder(self) -> ClientBuilder<Client> {
        Client::builder()
            .base_url(self.base_url())
            .api_key(self.api_key())
    }

    /// A client of the token endpoint, to be built.
    #[must_use]
    pub fn oauth_client_builder(self) -> ClientBuilder<oauth::Client> {
        oauth::Client::builder().base_url(self.base_url())
    }

    /// An API key of the admin's.
    #[must_use]
    pub fn api_key(self) -> Secret {
        self.state().access.api_key.clone()
    }

    /// A sandbox key of the admin's: 10 requests a minute to each operation
    /// (<https://developers.pandadoc.com/reference/limits>).
    #[must_use]
    pub fn sandbox_api_key(self) -> Secret {
        self.state().access.sandbox_api_key.clone()
    }

    /// An API key of a member who may list subscriptions, and list and read events; all else answers 403.
    /// Which roles may do what is not documented.
    #[must_use]
    pub fn member_api_key(self) -> Secret {
        self.state().access.member_api_key.clone()
    }

    /// A new access token of the admin's, good for a year.
    #[must_use]
    pub fn access_token(self) -> Secret {
        self.access_token_for(TOKEN_LIFETIME)
    }

    /// A new access token of the admin's, good for so long by the simulator's clock.
    #[must_use]
    pub fn access_token_for(self, lifetime: Duration) -> Secret {
        let now = self.shared.clock.now();
        self.state().access.issue_token(now, lifetime)
    }

    /// The id of the application that the token endpoint knows.
    #[must_use]
    pub fn client_id(self) -> String {
        self.state().oauth.client_id.clone()
    }

    /// Its secret.
    #[must_use]
    pub fn client_secret(self) -> Secret {
        self.state().oauth.client_secret.clone()
    }

    /// The refresh token that works now. Each use makes another. (Not documented: whether PandaDoc does
    /// so.)
    #[must_use]
    pub fn refresh_token(self) -> Secret {
        self.state().oauth.refresh_token.clone()
    }

    /// A new authorization code, as a person at a browser would get it. It works once.
    #[must_use]
    pub fn authorization_code(self) -> Secret {
        self.state().oauth.issue_code().into()
    }

    /// Adds a subscription to all triggers, without a request, and returns its id.
    ///
    /// It takes any URL; [`deliver`](Self::deliver) wants one of this machine.
    pub fn add_subscription(self, url: &WebhookUrl) -> Uuid {
        let change = Change {
            name: Some("Subscription".to_owned()),
            url: Some(url.as_str().to_owned()),
            triggers: Some(Some(triggers())),
            ..Change::default()
        };
        let subscription = Subscription::create(change, self.shared.clock.now());
        let id = subscription.id;
        self.state().subscriptions.push(subscription);
        id
    }

    /// A subscription as the API would show it.
    #[must_use]
    pub fn subscription(self, id: &Uuid) -> Option<WebhookSubscriptionItemResponse> {
        let all = self.subscriptions();
        all.into_iter().find(|it| it.uuid.as_ref() == Some(id))
    }

    /// All subscriptions as the API would show them, in the order in which they were created.
    #[must_use]
    pub fn subscriptions(self) -> Vec<WebhookSubscriptionItemResponse> {
        let state = self.state();
        let items = state.subscriptions.iter().map(|it| state.item(it));
        // What the simulator writes is what the type reads.
        items
            .filter_map(|it| serde_json::from_value(it).ok())
            .collect()
    }

    /// The key that the API shows for a subscription.
    #[must_use]
    pub fn shared_key(self, id: &Uuid) -> Option<Secret> {
        let state = self.state();
        state.find(id).map(|it| it.keys.in_force().clone())
    }

    /// Posts one event to a subscription's URL, signed with the key in force, and reports what the
    /// receiver answered.
    ///
    /// The body is an array of one `{event, data}`. Its signature, HMAC-SHA256, is put into the query of
    /// the URL as [`Signature::append_to`](crate::verify::Signature::append_to) describes. The id is in
    /// the header `X-PandaDoc-Webhook-Event-Id`. Any 2xx is an acceptance (PandaDoc asks for 200). Anything else is
    /// tried again, up to the simulator's
    /// [`delivery_attempts`](crate::testing::SimulatorBuilder::delivery_attempts). An attempt has 20
    /// seconds by the simulator's clock. A receiver that answers 410, or that fails for 7 days, has its
    /// subscription switched off. Sources: <https://developers.pandadoc.com/docs/webhook-verification>,
    /// <https://developers.pandadoc.com/docs/webhook-setup>,
    /// <https://developers.pandadoc.com/docs/webhook-deduplication>,
    /// <https://hc.pandadoc.com/en/articles/9714966-webhooks>.
    ///
    /// # Errors
    ///
    /// There is nothing to deliver, or nowhere to deliver to; see [`DeliveryError`].
    pub fn deliver<E: Into<WebhookSubscriptionTriggerEnum>>(
        self,
        id: &Uuid,
        event: E,
        data: Value,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a, E> {
        self.deliver_batch(id, vec![(event.into(), data)])
    }

    /// The same with several events in one request, as PandaDoc may send them. Its history names the
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`deliver`](Self::deliver); and that there is no event at all.
    pub fn deliver_batch(
        self,
        id: &Uuid,
        events: Vec<(WebhookSubscriptionTriggerEnum, Value)>,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let id = *id;
        async move {
            let delivery = self.delivery(&id, &events)?;
            Ok(delivery::deliver(self.shared, &delivery).await)
        }
    }

    /// Puts one event into the queue, which
    /// [`Simulator::deliver_queued`](crate::testing::Simulator::deliver_queued) delivers. Returns the
    /// id that the delivery will have.
    ///
    /// # Errors
    ///
    /// Those of [`deliver`](Self::deliver).
    pub fn queue(
        self,
        id: &Uuid,
        event: impl Into<WebhookSubscriptionTriggerEnum>,
        data: Value,
    ) -> Result<Uuid, DeliveryError> {
        let mut delivery = self.delivery(id, &[(event.into(), data)])?;
        delivery.queued_with = self.shared_key(id);
        let id = delivery.id;
        lock(&self.shared.queue).push(delivery);
        Ok(id)
    }

    /// Delivers once more what is in the history, as a person at PandaDoc's dashboard does: with the
    /// same event id, signed with the key in force.
    ///
    /// # Errors
    ///
    /// There is no such event in the history of 15 days, or its subscription takes no deliveries.
    pub fn redeliver(
        self,
        event: &Uuid,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let event = *event;
        async move {
            let delivery = self.delivered(&event)?;
            Ok(delivery::deliver(self.shared, &delivery).await)
        }
    }

    /// A delivery of the history, to be made once more.
    fn delivered(self, event: &Uuid) -> Result<Delivery, DeliveryError> {
        let delivered = {
            let state = self.state();
            let found = state.events.find(event, self.shared.clock.now());
            found.ok_or(DeliveryError::NoEvent)?.delivered.clone()
        };
        self.check(&delivered.subscription, [delivered.trigger.as_str()])?;
        Ok(Delivery {
            id: delivered.id,
            body: delivered.body,
            created: delivered.created,
            to: Receiver::PandaDoc {
                subscription: delivered.subscription,
                trigger: delivered.trigger,
            },
            queued_with: None,
        })
    }

    fn delivery(
        self,
        id: &Uuid,
        events: &[(WebhookSubscriptionTriggerEnum, Value)],
    ) -> Result<Delivery, DeliveryError> {
        let (first, _) = events.first().ok_or(DeliveryError::NoEvent)?;
        self.check(id, events.iter().map(|(event, _)| event.as_str()))?;
        let event = |(event, data)| json!({"event": event, "data": data});
        let body: Value = events.iter().map(|(it, data)| event((it, data))).collect();
        Ok(Delivery {
            id: random::uuid(),
            to: Receiver::PandaDoc {
                subscription: *id,
                trigger: first.as_str().to_owned(),
            },
            body: Bytes::from(body.to_string()),
            created: self.shared.clock.now(),
            queued_with: None,
        })
    }

    /// Whether a subscription takes these events.
    fn check<'e>(
        self,
        id: &Uuid,
        events: impl IntoIterator<Item = &'e str>,
    ) -> Result<(), DeliveryError> {
        let state = self.state();
        let subscription = state.find(id).ok_or(DeliveryError::NoSubscription)?;
        if !subscription.active {
            return Err(DeliveryError::Inactive);
        }
        for event in events {
            if !subscription.is_triggered_by(event) {
                return Err(DeliveryError::NotSubscribed(event.to_owned()));
            }
        }
        delivery::check_url(&subscription.url)
    }

    fn state(self) -> MutexGuard<'a, State> {
        lock(&self.shared.pandadoc)
    }
}

/// Tells where it is, and no credential.
impl fmt::Debug for PandaDoc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PandaDoc")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// All that PandaDoc's document has.
fn triggers() -> Vec<String> {
    let known = WebhookSubscriptionTriggerEnum::KNOWN.iter();
    known.map(|it| (*it).to_owned()).collect()
}
