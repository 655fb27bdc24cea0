//! A subscription in Ratepay's backend.

use std::time::SystemTime;

use serde_json::{json, Value};

use super::subscription_fields::SubscriptionFields;
use crate::testing::deliveries::key_history::KeyHistory;
use crate::testing::providers::random;

/// The client that owns a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The client whose credentials a test gets.
    Client,
    /// A client whose subscriptions the first one can't see or change.
    OtherClient,
}

pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) owner: Owner,
    pub(super) url: String,
    pub(super) event_type: String,
    pub(super) keys: KeyHistory,
}

impl Subscription {
    pub(super) fn create(owner: Owner, fields: SubscriptionFields, now: SystemTime) -> Self {
        Self {
            id: random::nanoid(),
            owner,
            url: fields.url,
            event_type: fields.event_type,
            keys: KeyHistory::new(now, fields.secret),
        }
    }

    pub(super) fn update(&mut self, fields: SubscriptionFields, now: SystemTime) {
        self.url = fields.url;
        self.event_type = fields.event_type;
        self.keys.replace(now, fields.secret);
    }

    /// Returns the response body of a creation or an update, which has the secret.
    pub(super) fn to_json(&self) -> Value {
        let mut item = self.to_list_item();
        item["secret"] = json!(self.keys.current().key.expose_secret());
        item
    }

    /// Returns an item of a list.
    ///
    /// Ratepay doesn't document the items. Here they have no secret, so code that works here doesn't
    /// depend on it.
    pub(super) fn to_list_item(&self) -> Value {
        json!({"id": self.id, "url": self.url, "event_type": self.event_type})
    }
}
