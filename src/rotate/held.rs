//! Deliveries that are held, and the looks that they wait for.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{watch, Notify, Semaphore};

use super::machine::record::Time;

/// The most deliveries that are held at a time.
const MOST_HELD: usize = 64;

/// The most bytes of deliveries that are held at a time.
const MOST_BYTES: usize = 16 << 20;

/// Limits and counts what is held.
pub(super) struct Receiver {
    pub(super) places: Semaphore,
    pub(super) bytes: Semaphore,
    pub(super) counts: Counts,
}

/// Deliveries that no accepted key verified when they arrived, by what became of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) accepted_after_hold: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) not_decided: AtomicU64,
}

impl Receiver {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(MOST_HELD),
            bytes: Semaphore::new(MOST_BYTES),
            counts: Counts::default(),
        }
    }
}

/// The looks that were asked for, and those that there were.
pub(super) struct Looks {
    /// Counts the deliveries that were held. A look that begins now covers this many.
    asked: AtomicU64,
    pub(super) wanted: Notify,
    pub(super) seen: watch::Sender<Seen>,
    held: AtomicU64,
}

/// The latest looks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) store: Look,
    pub(super) provider: Look,
    /// The read for held deliveries that is about to begin, or under way.
    pub(super) reading: Look,
    /// How many reads of the provider there have been.
    pub(super) reads: u64,
}

/// One look, and how many held deliveries it covers: those that had arrived when it began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    pub(super) covers: u64,
    pub(super) began: Time,
    pub(super) is_ok: bool,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self {
            asked: AtomicU64::new(0),
            wanted: Notify::new(),
            seen: watch::Sender::default(),
            held: AtomicU64::new(0),
        }
    }

    /// Holds a delivery, and asks for a look that begins from now on.
    pub(super) fn hold(&self) -> Held<'_> {
        self.held.fetch_add(1, Ordering::SeqCst);
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.wanted.notify_one();
        Held { looks: self, asked }
    }

    /// Returns how many deliveries are held now.
    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::SeqCst)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    pub(super) fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Wakes those who hold a delivery: the keys are other ones now.
    pub(super) fn keys_changed(&self) {
        self.seen.send_modify(|_| {});
    }

    pub(super) fn covers(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A delivery that is held until it is dropped.
pub(super) struct Held<'a> {
    looks: &'a Looks,
    asked: u64,
}

impl Held<'_> {
    /// Tells whether this look began after the delivery had arrived.
    pub(super) fn is_covered_by(&self, look: Look) -> bool {
        look.covers >= self.asked
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.looks.held.fetch_sub(1, Ordering::SeqCst);
    }
}
