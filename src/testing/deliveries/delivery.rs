//! A delivery, and the provider that it comes from.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use url::Url;
use uuid::Uuid;

use super::report::{DeliveryAttempt, DeliveryError};
use crate::runtime::client::base_url::is_loopback;
use crate::secret::Secret;
use crate::testing::history::{History, Version};
use crate::testing::operation::Provider;

/// A payload for the receiver of one subscription.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) provider: Provider,
    /// The id of the subscription, as the provider's API writes it.
    pub(crate) subscription: String,
    pub(crate) event_type: String,
    pub(crate) body: Bytes,
    pub(crate) created: SystemTime,
    /// The key that was current when the delivery was created.
    pub(crate) key: Version<Secret>,
}

/// The parts of a request that depend on the provider.
pub(crate) struct SignedRequest {
    /// The subscription's URL with whatever the provider adds to it.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// The signature in hexadecimal digits.
    pub(crate) signature: String,
}

/// How a provider retries a delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retries {
    /// The most attempts, including the first.
    pub(crate) max_attempts: u32,
    /// The pause between two attempts.
    pub(crate) pause: Duration,
}

/// A provider, as the source of deliveries.
pub(crate) trait DeliverySource: Send {
    /// Returns how this provider retries a delivery that isn't accepted.
    fn retries(&self) -> Retries;

    /// Returns the URL and the keys of a subscription, or `None` if it accepts no deliveries.
    fn destination(&self, subscription: &str) -> Option<(&str, &History<Secret>)>;

    /// Signs a delivery to this URL. Returns `None` if the provider can't sign with this key.
    fn sign(&self, delivery: &Delivery, url: &str, key: &Secret) -> Option<SignedRequest>;

    /// Records an attempt, and changes the subscription where the provider does.
    fn record_attempt(&mut self, delivery: &Delivery, attempt: &DeliveryAttempt, now: SystemTime);
}

/// The receivers that a simulator delivers to. The simulator speaks no TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receivers {
    /// Deliveries to an `http` URL of a loopback address.
    OfThisMachine,
    /// Deliveries to any `http` URL.
    Anywhere,
}

impl Receivers {
    pub(crate) fn include(self, url: &Url) -> bool {
        url.scheme() == "http" && (self == Self::Anywhere || is_loopback(url))
    }

    /// Checks that the simulator delivers to a URL.
    pub(crate) fn check(self, url: &str) -> Result<(), DeliveryError> {
        match Url::parse(url) {
            Ok(url) if self.include(&url) => Ok(()),
            _ => Err(match self {
                Self::OfThisMachine => DeliveryError::NotThisMachine,
                Self::Anywhere => DeliveryError::NotHttp,
            }),
        }
    }
}
