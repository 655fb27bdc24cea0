//! What a test is told of a delivery.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use crate::webhook_url::WebhookUrl;

/// What became of a delivery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// The id of the delivery: PandaDoc's event id, in `X-PandaDoc-Webhook-Event-Id`. Ratepay's
    /// deliveries show none.
    pub id: Uuid,
    /// Every time that it was posted, in order. None: the subscription was removed, switched off, or
    /// moved to a URL beyond this machine while it waited, or has a key without a visible character, with
    /// which no delivery is signed here.
    pub attempts: Vec<DeliveryAttempt>,
}

impl DeliveryReport {
    /// Whether a receiver accepted it in the end.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.attempts
            .last()
            .is_some_and(DeliveryAttempt::is_accepted)
    }

    /// What the receiver answered to the last attempt, if it did.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.attempts.last()?.status()
    }
}

/// One POST to a receiver. `Debug` hides what often holds a token in its URL: user information, query
/// and fragment.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The subscription's URL, without the signature.
    pub url: String,
    /// The signature that went with it, in hexadecimal digits.
    pub signature: String,
    /// What came back.
    pub result: Result<Received, DeliveryFailure>,
}

impl DeliveryAttempt {
    /// Whether the receiver answered with a 2xx status.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// What the receiver answered, if it did.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.result.as_ref().ok()?.status)
    }
}

impl fmt::Debug for DeliveryAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One that is no such URL came by the API, and is not printed at all.
        let url = self.url.parse::<WebhookUrl>().ok();
        f.debug_struct("DeliveryAttempt")
            .field("url", &url)
            .field("signature", &self.signature)
            .field("result", &self.result)
            .finish()
    }
}

/// What a receiver answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why a receiver gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryFailure {
    /// No connection came about.
    #[error("the receiver cannot be reached: {0}; see that it listens there")]
    NotConnected(String),
    /// It did not answer in 20 seconds by the simulator's clock.
    #[error("the receiver did not answer in 20 seconds; answer before the work is done")]
    TimedOut,
    /// The connection broke, or what came back is no HTTP.
    #[error(
        "the receiver gave no answer that can be read: {0}; see what it does with the request"
    )]
    Broken(String),
}

/// Why nothing can be delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The provider knows no subscription of this id.
    #[error("there is no such subscription; create one, or add one to the simulator")]
    NoSubscription,
    /// The subscription is switched off.
    #[error("the subscription is switched off; set `active` to true")]
    Inactive,
    /// The subscription has other triggers.
    #[error("the subscription is not triggered by {0}; add it to `triggers`")]
    NotSubscribed(String),
    /// There is no event to deliver: none was given, or the history has none of this id.
    #[error("there is no such event; give one, or the id of one that was delivered")]
    NoEvent,
    /// The subscription's URL is not one of this machine.
    #[error(
        "the simulator delivers by http to a loopback address alone; subscribe with such a URL"
    )]
    NotThisMachine,
}
