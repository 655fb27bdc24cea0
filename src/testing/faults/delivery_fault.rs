//! Faults of deliveries.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// A fault of deliveries, for [`Simulator::inject_into_deliveries`](crate::testing::Simulator::inject_into_deliveries).
///
/// The fault applies to every delivery of both providers, with all its attempts, unless [`once`](Self::once)
/// or [`times`](Self::times) limits it. Faults of different kinds can happen to one delivery. Neither
/// provider documents these faults, or promises that they don't happen.
///
/// ```
/// use serde_json::json;
/// use webhook_subscriptions::testing::{DeliveryFault, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("http://{}/", listener.local_addr()?);
/// # let service = axum::Router::new().route("/", axum::routing::post(|| async {}));
/// # tokio::spawn(async { axum::serve(listener, service).await });
/// let simulator = Simulator::start().await?;
/// let pandadoc = simulator.pandadoc();
/// let id = pandadoc.add_subscription(&url.parse()?); // the URL of your service
/// let duplicate = simulator.inject_into_deliveries(DeliveryFault::duplicate().once());
///
/// let report = pandadoc.deliver(&id, "document_updated", json!({"id": "d-1"})).await?;
/// assert!(report.is_accepted());
/// assert_eq!(duplicate.hits().len(), 1, "the delivery was posted twice");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct DeliveryFault {
    pub(crate) kind: DeliveryFaultKind,
    pub(crate) times: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryFaultKind {
    OldKeyForQueued,
    KeySwitchDelayed(Duration),
    Duplicate,
    Reorder,
}

impl DeliveryFault {
    fn new(kind: DeliveryFaultKind) -> Self {
        Self { kind, times: None }
    }

    /// Signs a delivery with the key that was current when the delivery was created.
    ///
    /// The fault matters for queued deliveries, for retries, and for deliveries of the history that are sent
    /// again.
    #[must_use]
    pub fn old_key_for_queued() -> Self {
        Self::new(DeliveryFaultKind::OldKeyForQueued)
    }

    /// Keeps signing with the previous key until this much time has passed by the simulator's clock.
    /// The API returns the new key at once. With [`times`](Self::times), only so many deliveries are
    /// signed with the previous key.
    #[must_use]
    pub fn key_switch_delayed(by: Duration) -> Self {
        Self::new(DeliveryFaultKind::KeySwitchDelayed(by))
    }

    /// Posts a delivery a second time, with the same event id, after the receiver accepted it.
    #[must_use]
    pub fn duplicate() -> Self {
        Self::new(DeliveryFaultKind::Duplicate)
    }

    /// Delivers the queue in reverse order.
    #[must_use]
    pub fn reorder() -> Self {
        Self::new(DeliveryFaultKind::Reorder)
    }

    /// Limits the fault to one time.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Limits the fault to this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// One time that a [`DeliveryFault`] happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryFaultHit {
    /// When it happened, by the simulator's clock.
    pub at: SystemTime,
    /// The effect of the fault.
    pub effect: DeliveryFaultEffect,
}

/// The effect of a [`DeliveryFault`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryFaultEffect {
    /// The delivery with this id was signed with a key that is no longer current.
    SignedWithOldKey(Uuid),
    /// The delivery with this id was posted again after the receiver had accepted it.
    Duplicated(Uuid),
    /// The deliveries were sent in this order, which is the reverse of the queue.
    Reordered(Vec<Uuid>),
}
