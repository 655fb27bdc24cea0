//! What can go wrong with a delivery.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// Something that goes wrong with deliveries, by name.
///
/// It concerns every delivery, with all its attempts, until it is told otherwise, by
/// [`once`](Self::once) or [`times`](Self::times). Those of different names happen together. No provider
/// documents any of these, nor promises that they do not happen.
#[derive(Debug, Clone)]
pub struct DeliveryFault {
    pub(super) kind: DeliveryFaultKind,
    pub(super) times: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryFaultKind {
    OldKeyForQueued,
    KeySwitchDelayed(Duration),
    Duplicate,
    Reorder,
}

impl DeliveryFault {
    fn new(kind: DeliveryFaultKind) -> Self {
        Self { kind, times: None }
    }

    /// What waits in the queue is signed with the key that was in force when it was queued.
    #[must_use]
    pub fn old_key_for_queued() -> Self {
        Self::new(DeliveryFaultKind::OldKeyForQueued)
    }

    /// A new key signs only after so much time by the simulator's clock; until then the one before it
    /// does, though the API shows the new one.
    #[must_use]
    pub fn key_switch_delayed(by: Duration) -> Self {
        Self::new(DeliveryFaultKind::KeySwitchDelayed(by))
    }

    /// What a receiver accepted is posted once more, with the same event id.
    #[must_use]
    pub fn duplicate() -> Self {
        Self::new(DeliveryFaultKind::Duplicate)
    }

    /// What waits in the queue is delivered in reverse order.
    #[must_use]
    pub fn reorder() -> Self {
        Self::new(DeliveryFaultKind::Reorder)
    }

    /// Happens once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Happens so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// One case in which a [`DeliveryFault`] made a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryFaultHit {
    /// When, by the simulator's clock.
    pub at: SystemTime,
    /// What the simulator did.
    pub effect: DeliveryFaultEffect,
}

/// What a [`DeliveryFault`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryFaultEffect {
    /// The delivery of this id was signed with a key that is no longer in force.
    SignedWithOldKey(Uuid),
    /// The delivery of this id was posted again after it had been accepted.
    Duplicated(Uuid),
    /// The deliveries were sent in this order, which is not that of the queue.
    Reordered(Vec<Uuid>),
}
