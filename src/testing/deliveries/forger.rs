//! A sender of forged deliveries.

use std::time::{Duration, SystemTime};

use super::delivery::{Delivery, DeliverySource, Retries, SignedRequest};
use super::report::DeliveryAttempt;
use crate::secret::Secret;
use crate::testing::history::History;

/// Signs a delivery to a URL with a key.
type Sign = fn(&Delivery, &str, &Secret) -> Option<SignedRequest>;

/// Knows the URL of a subscription and none of its keys. Signs every delivery with another random key.
pub(crate) struct Forger {
    url: String,
    keys: History<Secret>,
    random_key: fn() -> Secret,
    sign: Sign,
}

impl Forger {
    pub(crate) fn new(url: String, random_key: fn() -> Secret, sign: Sign) -> Self {
        Self {
            url,
            keys: History::starting_with(0, SystemTime::UNIX_EPOCH, random_key()),
            random_key,
            sign,
        }
    }
}

impl DeliverySource for Forger {
    fn retries(&self) -> Retries {
        Retries {
            max_attempts: 1,
            pause: Duration::ZERO,
        }
    }

    fn destination(&self, _: &str) -> Option<(&str, &History<Secret>)> {
        Some((&self.url, &self.keys))
    }

    fn sign(&self, delivery: &Delivery, url: &str, _: &Secret) -> Option<SignedRequest> {
        (self.sign)(delivery, url, &(self.random_key)())
    }

    /// Does nothing: the provider knows nothing of a forged delivery.
    fn record_attempt(&mut self, _: &Delivery, _: &DeliveryAttempt, _: SystemTime) {}
}
