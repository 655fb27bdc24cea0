//! The report on a delivery.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use crate::webhook_url::WebhookUrl;

/// The result of a delivery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// The id of the delivery. PandaDoc sends it as the event id in `X-PandaDoc-Webhook-Event-Id`;
    /// Ratepay doesn't send it.
    pub id: Uuid,
    /// All attempts, in order.
    ///
    /// The list is empty if, while the delivery was queued, the subscription was removed, switched off or
    /// moved to a URL of another machine. It is also empty if the key has no visible character, because
    /// the simulator doesn't sign with such a key.
    pub attempts: Vec<DeliveryAttempt>,
}

impl DeliveryReport {
    /// Returns whether the receiver accepted the last attempt.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.attempts
            .last()
            .is_some_and(DeliveryAttempt::is_accepted)
    }

    /// Returns the status of the response to the last attempt, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.attempts.last()?.status()
    }
}

/// One POST to a receiver.
///
/// `Debug` hides the URL's user information, query and fragment, which often hold a token.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The subscription's URL, without the signature.
    pub url: String,
    /// The signature of the request, in hexadecimal digits.
    pub signature: String,
    /// The generation of the key that made the signature, or 0 if it is forged. The first key of a
    /// subscription has generation 1.
    pub key_generation: u64,
    /// When the attempt began, by the simulator's clock.
    pub at: SystemTime,
    /// The time from the beginning of the attempt to its result, by the simulator's clock.
    pub answer_time: Duration,
    /// The response, or why there was none.
    pub result: Result<ReceiverResponse, DeliveryFailure>,
}

impl DeliveryAttempt {
    /// Returns whether the receiver responded with a 2xx status.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// Returns the status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.result.as_ref().ok()?.status)
    }
}

impl fmt::Debug for DeliveryAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL from the API may be invalid. It is then not printed at all.
        let url = self.url.parse::<WebhookUrl>().ok();
        f.debug_struct("DeliveryAttempt")
            .field("url", &url)
            .field("signature", &self.signature)
            .field("key_generation", &self.key_generation)
            .field("at", &self.at)
            .field("answer_time", &self.answer_time)
            .field("result", &self.result)
            .finish()
    }
}

/// The response of a receiver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReceiverResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why there was no response to a delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryFailure {
    /// The connection failed.
    #[error(
        "couldn't connect to the receiver: {0}; check that it listens at the subscription's URL"
    )]
    NotConnected(String),
    /// No response came within 20 seconds by the simulator's clock.
    #[error("the receiver didn't respond within 20 seconds; respond first, then do the work")]
    TimedOut,
    /// The connection broke, or the response wasn't HTTP.
    #[error("couldn't read the receiver's response: {0}; the receiver may have processed the delivery, so check its log")]
    Broken(String),
}

/// Why a delivery wasn't sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The provider has no subscription with this id.
    #[error(
        "nothing was sent: the subscription doesn't exist; create one, or add one to the simulator"
    )]
    NoSubscription,
    /// The subscription is switched off.
    #[error("nothing was sent: the subscription is switched off; set `active` to true")]
    Inactive,
    /// The subscription's triggers don't include this event.
    #[error("nothing was sent: the subscription isn't triggered by `{0}`; add it to `triggers`")]
    NotSubscribed(String),
    /// The list of events is empty, or the history has no event with this id.
    #[error("nothing was sent: the event is missing; pass an event, or the id of a delivered one")]
    NoEvent,
    /// The subscription's URL isn't an `http` URL of this machine.
    #[error(
        "nothing was sent: the simulator delivers only to `http` URLs with a loopback address; \
         subscribe with such a URL"
    )]
    NotThisMachine,
    /// The subscription's URL isn't an `http` URL.
    #[error(
        "nothing was sent: the simulator delivers only to `http` URLs; subscribe with such a URL"
    )]
    NotHttp,
}
