//! A subscription as PandaDoc keeps it.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{json, Value};
use uuid::Uuid;

use super::request::Change;
use crate::secret::Secret;
use crate::testing::delivery_report::DeliveryAttempt;
use crate::testing::keys::Keys;
use crate::testing::random;

/// After so much time of nothing but failures a subscription is switched off
/// (<https://hc.pandadoc.com/en/articles/9714966-webhooks>).
const FAILING: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Subscription {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) active: bool,
    pub(super) keys: Keys,
    triggers: Option<Vec<String>>,
    payload: Option<Vec<String>>,
    /// Whether it was PandaDoc that switched it off.
    deactivated: bool,
    failing_since: Option<SystemTime>,
}

impl Subscription {
    pub(super) fn create(change: Change, now: SystemTime) -> Self {
        let mut created = Self {
            id: random::uuid(),
            name: String::new(),
            url: String::new(),
            active: true,
            keys: Keys::new(now, new_key()),
            triggers: None,
            payload: None,
            deactivated: false,
            failing_since: None,
        };
        created.apply(change);
        created
    }

    pub(super) fn apply(&mut self, change: Change) {
        let Change {
            name,
            url,
            active,
            payload,
            triggers,
        } = change;
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

    pub(super) fn regenerate(&mut self, now: SystemTime) -> &Secret {
        self.keys.replace(now, new_key());
        self.keys.in_force()
    }

    pub(super) fn is_triggered_by(&self, trigger: &str) -> bool {
        let mut triggers = self.triggers.iter().flatten();
        triggers.any(|it| it == trigger)
    }

    /// A subscription that answers 410 once, or fails for seven days, is switched off.
    pub(super) fn attempted(&mut self, attempt: &DeliveryAttempt, now: SystemTime) {
        if attempt.is_accepted() {
            self.failing_since = None;
            return;
        }
        let since = *self.failing_since.get_or_insert(now);
        let failed_long = now.duration_since(since).unwrap_or_default() >= FAILING;
        if failed_long || attempt.status() == Some(StatusCode::GONE) {
            self.active = false;
            self.deactivated = true;
        }
    }

    /// `WebhookSubscriptionItemResponse`. What the three statuses mean is not documented: here
    /// `INACTIVE` is switched off by the user, `DEACTIVATED` by PandaDoc.
    pub(super) fn item(&self, workspace_id: &str) -> Value {
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
            "shared_key": self.keys.in_force().expose_secret(),
            "status": status,
        })
    }
}

/// The form of all examples in PandaDoc's document: 22 digits of base 62.
fn new_key() -> Secret {
    random::base62(22).into()
}
