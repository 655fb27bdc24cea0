//! A subscription in PandaDoc's backend.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{json, Value};
use uuid::Uuid;

use super::subscription_fields::SubscriptionFields;
use crate::secret::Secret;
use crate::testing::deliveries::report::DeliveryAttempt;
use crate::testing::history::History;
use crate::testing::providers::random;

/// PandaDoc switches a subscription off after all deliveries failed for this long
/// (<https://hc.pandadoc.com/en/articles/9714966-webhooks>).
const MAX_FAILING_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Subscription {
    pub(super) id: Uuid,
    pub(super) keys: History<Secret>,
    settings: History<Settings>,
    failing_since: Option<SystemTime>,
}

/// The members of a subscription that its user and PandaDoc change.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) active: bool,
    triggers: Option<Vec<String>>,
    payload: Option<Vec<String>>,
    /// Whether PandaDoc switched it off, and not the user.
    deactivated: bool,
}

impl Settings {
    fn update(&mut self, fields: SubscriptionFields) {
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
        }
        if let Some(payload) = payload {
            self.payload = payload;
        }
        if let Some(triggers) = triggers {
            self.triggers = triggers;
        }
    }

    pub(super) fn is_triggered_by(&self, trigger: &str) -> bool {
        let mut triggers = self.triggers.iter().flatten();
        triggers.any(|it| it == trigger)
    }
}

impl Subscription {
    pub(super) fn create(fields: SubscriptionFields, now: SystemTime) -> Self {
        let mut settings = Settings {
            name: String::new(),
            url: String::new(),
            active: true,
            triggers: None,
            payload: None,
            deactivated: false,
        };
        settings.update(fields);
        Self {
            id: random::uuid(),
            keys: History::new(now, new_key()),
            settings: History::new(now, settings),
            failing_since: None,
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings.current().value
    }

    pub(super) fn update(&mut self, fields: SubscriptionFields, now: SystemTime) {
        if fields.active.is_some() {
            self.failing_since = None;
        }
        let mut settings = self.settings().clone();
        settings.update(fields);
        self.settings.replace(now, settings);
    }

    pub(super) fn regenerate_key(&mut self, now: SystemTime) -> &Secret {
        self.keys.replace(now, new_key());
        &self.keys.current().value
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
            let mut settings = self.settings().clone();
            settings.active = false;
            settings.deactivated = true;
            self.settings.replace(now, settings);
        }
    }

    /// Returns a `WebhookSubscriptionItemResponse`.
    pub(super) fn to_json(&self, workspace_id: &str) -> Value {
        let key = &self.keys.current().value;
        self.item(workspace_id, self.settings(), key)
    }

    /// Returns the same with the settings and the key of an earlier time.
    pub(super) fn to_json_as_of(&self, time: SystemTime, workspace_id: &str) -> Value {
        let settings = &self.settings.current_at(time).value;
        let key = &self.keys.current_at(time).value;
        self.item(workspace_id, settings, key)
    }

    /// PandaDoc doesn't document the three statuses. Here the user switched off an `INACTIVE`
    /// subscription, and PandaDoc a `DEACTIVATED` one.
    fn item(&self, workspace_id: &str, settings: &Settings, key: &Secret) -> Value {
        let status = match (settings.active, settings.deactivated) {
            (true, _) => "ACTIVE",
            (false, true) => "DEACTIVATED",
            (false, false) => "INACTIVE",
        };
        json!({
            "uuid": self.id,
            "name": settings.name,
            "url": settings.url,
            "active": settings.active,
            "payload": settings.payload,
            "triggers": settings.triggers,
            "workspace_id": workspace_id,
            "shared_key": key.expose_secret(),
            "status": status,
        })
    }
}

/// Returns a key in the form of all examples in PandaDoc's document: 22 digits of base 62.
fn new_key() -> Secret {
    random::base62(22).into()
}
