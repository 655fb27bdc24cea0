//! A subscription in PandaDoc's backend.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{json, Value};
use uuid::Uuid;

use super::subscription_fields::SubscriptionFields;
use crate::secret::Secret;
use crate::testing::deliveries::key_history::KeyHistory;
use crate::testing::deliveries::report::DeliveryAttempt;
use crate::testing::providers::random;

/// PandaDoc switches a subscription off after all deliveries failed for this long
/// (<https://hc.pandadoc.com/en/articles/9714966-webhooks>).
const MAX_FAILING_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Subscription {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) active: bool,
    pub(super) keys: KeyHistory,
    triggers: Option<Vec<String>>,
    payload: Option<Vec<String>>,
    /// Whether PandaDoc switched it off, and not the user.
    deactivated: bool,
    failing_since: Option<SystemTime>,
}

impl Subscription {
    pub(super) fn create(fields: SubscriptionFields, now: SystemTime) -> Self {
        let mut created = Self {
            id: random::uuid(),
            name: String::new(),
            url: String::new(),
            active: true,
            keys: KeyHistory::new(now, new_key()),
            triggers: None,
            payload: None,
            deactivated: false,
            failing_since: None,
        };
        created.update(fields);
        created
    }

    pub(super) fn update(&mut self, fields: SubscriptionFields) {
        let SubscriptionFields {
            name,
            url,
            active,
            payload,
            triggers,
        } = fields;
        self.name = name.unwrap_or(std::mem::take(&mut self.name));
        self.url = url.unwrap_or(std::mem::take(&mut self.url));
        if let Some(active) = active {
            self.active = active;
            self.deactivated = false;
            self.failing_since = None;
        }
        if let Some(payload) = payload {
            self.payload = payload;
        }
        if let Some(triggers) = triggers {
            self.triggers = triggers;
        }
    }

    pub(super) fn regenerate_key(&mut self, now: SystemTime) -> &Secret {
        self.keys.replace(now, new_key());
        &self.keys.current().key
    }

    pub(super) fn is_triggered_by(&self, trigger: &str) -> bool {
        let mut triggers = self.triggers.iter().flatten();
        triggers.any(|it| it == trigger)
    }

    /// Switches the subscription off if the receiver responded with 410, or failed for seven days.
    pub(super) fn record_attempt(&mut self, attempt: &DeliveryAttempt, now: SystemTime) {
        if attempt.is_accepted() {
            self.failing_since = None;
            return;
        }
        let since = *self.failing_since.get_or_insert(now);
        let failed_long = now.duration_since(since).unwrap_or_default() >= MAX_FAILING_TIME;
        if failed_long || attempt.status() == Some(StatusCode::GONE) {
            self.active = false;
            self.deactivated = true;
        }
    }

    /// Returns a `WebhookSubscriptionItemResponse`.
    ///
    /// PandaDoc doesn't document the three statuses. Here the user switched off an `INACTIVE`
    /// subscription, and PandaDoc a `DEACTIVATED` one.
    pub(super) fn to_json(&self, workspace_id: &str) -> Value {
        let status = match (self.active, self.deactivated) {
            (true, _) => "ACTIVE",
            (false, true) => "DEACTIVATED",
            (false, false) => "INACTIVE",
        };
        json!({
            "uuid": self.id,
            "name": self.name,
            "url": self.url,
            "active": self.active,
            "payload": self.payload,
            "triggers": self.triggers,
            "workspace_id": workspace_id,
            "shared_key": self.keys.current().key.expose_secret(),
            "status": status,
        })
    }
}

/// Returns a key in the form of all examples in PandaDoc's document: 22 digits of base 62.
fn new_key() -> Secret {
    random::base62(22).into()
}
