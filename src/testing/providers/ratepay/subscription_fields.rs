//! The request body of a subscription, as Ratepay documents it.

use serde_json::Value;

use crate::ratepay::SigningSecret;
use crate::secret::Secret;

/// The members of a request body, all of them required.
///
/// Ratepay doesn't check the URL, and publishes no list of event types ("Update Subscription",
/// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/endpoints/updatesubscription.md>).
#[derive(Clone)]
pub(super) struct SubscriptionFields {
    pub(super) url: String,
    pub(super) event_type: String,
    pub(super) secret: Secret,
}

impl SubscriptionFields {
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| "The body is not valid JSON.".to_owned())?;
        let member = |name: &str| match &body[name] {
            Value::String(text) => Ok(text.clone()),
            Value::Null => Err(format!("{name}: it is required")),
            _ => Err(format!("{name}: it must be a string")),
        };
        let fields = Self {
            url: member("url")?,
            event_type: member("event_type")?,
            secret: member("secret")?.into(),
        };
        match SigningSecret::new(fields.secret.clone()) {
            Ok(_) => Ok(fields),
            Err(_) => Err("secret: it must have 64 characters or more".to_owned()),
        }
    }
}
