//! A subscription in Ratepay's backend.

use std::time::SystemTime;

use serde_json::{json, Value};

use super::subscription_fields::SubscriptionFields;
use crate::secret::Secret;
use crate::testing::history::History;
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
    pub(super) keys: History<Secret>,
    settings: History<Settings>,
}

/// The members of a subscription that an update replaces, without the secret.
#[derive(PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) url: String,
    pub(super) event_type: String,
}

impl Subscription {
    pub(super) fn create(owner: Owner, fields: SubscriptionFields, now: SystemTime) -> Self {
        let (settings, secret) = split(fields);
        Self {
            id: random::nanoid(),
            owner,
            keys: History::new(now, secret),
            settings: History::new(now, settings),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings.current().value
    }

    pub(super) fn update(&mut self, fields: SubscriptionFields, now: SystemTime) {
        let (settings, secret) = split(fields);
        self.keys.replace(now, secret);
        self.settings.replace(now, settings);
    }

    /// Returns the response body of a creation or an update, which has the secret.
    pub(super) fn to_json(&self) -> Value {
        let mut item = self.to_list_item();
        item["secret"] = json!(self.keys.current().value.expose_secret());
        item
    }

    /// Returns an item of a list.
    ///
    /// Ratepay doesn't document the items. Here they have no secret, so code that works here doesn't
    /// depend on it.
    pub(super) fn to_list_item(&self) -> Value {
        self.list_item(self.settings())
    }

    /// Returns an item of a list with the settings of an earlier time.
    pub(super) fn to_list_item_as_of(&self, time: SystemTime) -> Value {
        self.list_item(&self.settings.current_at(time).value)
    }

    fn list_item(&self, settings: &Settings) -> Value {
        json!({"id": self.id, "url": settings.url, "event_type": settings.event_type})
    }
}

fn split(fields: SubscriptionFields) -> (Settings, Secret) {
    let SubscriptionFields {
        url,
        event_type,
        secret,
    } = fields;
    (Settings { url, event_type }, secret)
}
