//! An attempt of a delivery, and what it belongs to.

use std::fmt;

use uuid::Uuid;

use super::report::DeliveryAttempt;
use crate::testing::operation::Provider;

/// A callback for every attempt of a delivery.
pub(crate) type DeliveryObserver = Box<dyn Fn(&RecordedDelivery) + Send + Sync>;

/// One attempt of a [`Simulator`](crate::testing::Simulator) to post a delivery, and the result.
///
/// `Display` writes one line without URL and key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedDelivery {
    /// The id of the delivery, as in [`DeliveryReport::id`](crate::testing::DeliveryReport::id). All
    /// attempts have the same.
    pub id: Uuid,
    /// The provider that delivers.
    pub provider: Provider,
    /// The id of the subscription, as the provider's API writes it.
    pub subscription: String,
    /// The first event of PandaDoc's delivery, or the event type of Ratepay's subscription.
    pub event: String,
    /// The attempt and its result.
    pub attempt: DeliveryAttempt,
}

impl fmt::Display for RecordedDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delivery of {} ", self.event)?;
        match self.attempt.key_generation {
            0 => write!(f, "with a forged signature")?,
            generation => write!(f, "with key {generation}")?,
        }
        match &self.attempt.result {
            Ok(response) => write!(f, " -> {}", response.status)?,
            Err(failure) => write!(f, " -> {failure}")?,
        }
        write!(f, " ({})", self.provider)
    }
}
