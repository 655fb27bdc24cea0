//! What is asked of a rotation, and how it ends.

use serde::Serialize;
use tokio::sync::oneshot;

use super::machine::record::{Phase, Record, Time};
use super::phase::attention;
use crate::secret::Secret;

/// What somebody asks the schedule to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Command {
    Rotate,
    Resume,
    Revoke(u64),
}

/// A command, and where its end is told.
pub(super) struct Request {
    pub(super) command: Command,
    pub(super) end: oneshot::Sender<Ended>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "ended")]
#[must_use = "the key may not have changed"]
#[non_exhaustive]
pub enum Ended {
    /// The provider has a new key. Deliveries signed with it or with the one before are accepted.
    Rotated {
        /// The number of the new key.
        generation: u64,
    },
    /// A rotation was under way already, so nothing was begun. Two keys are accepted until it has finished.
    Busy,
    /// The provider didn't change the key, for certain. The schedule tries again later.
    NotChanged {
        /// Why not.
        reason: String,
    },
    /// It isn't known yet whether the provider changed the key. The schedule goes on to find out; call
    /// [`Rotation::status`](super::Rotation::status) to see what it found. Every key that may be the current one is
    /// accepted.
    Unsettled {
        /// Why it isn't known.
        reason: String,
    },
}

/// Somebody waits for the end of a command.
pub(super) struct Waiting {
    /// What was stored when the command began.
    before: Record<Secret>,
    end: Option<oneshot::Sender<Ended>>,
}

impl Waiting {
    pub(super) fn new(before: Record<Secret>, end: oneshot::Sender<Ended>) -> Self {
        Self {
            before,
            end: Some(end),
        }
    }

    /// Tells the end, if there is one in this record. Returns whether nobody waits any more.
    pub(super) fn tell(&mut self, record: &Record<Secret>, now: Time, error: Option<&str>) -> bool {
        let Some(ended) = self.ended(record, now, error) else {
            return self.end.as_ref().is_none_or(oneshot::Sender::is_closed);
        };
        if let Some(end) = self.end.take() {
            // Nobody may wait any more, which changes nothing.
            end.send(ended).ok();
        }
        true
    }

    fn ended(&self, record: &Record<Secret>, now: Time, error: Option<&str>) -> Option<Ended> {
        let reason = |otherwise: &str| error.unwrap_or(otherwise).to_owned();
        let is_attempted = record.epoch > self.before.epoch;
        let newest = record.newest_confirmed();
        let is_new = newest > self.before.newest_confirmed();
        match record.phase {
            Phase::Calling(_) | Phase::Settling(_) | Phase::Prepared
                if record.failures == self.before.failures =>
            {
                let is_late = is_attempted && record.settle_until <= now;
                is_late.then(|| Ended::Unsettled {
                    reason: reason("no answer tells whether the key changed"),
                })
            }
            _ if is_new && is_attempted => Some(Ended::Rotated { generation: newest }),
            _ if is_new => Some(Ended::NotChanged {
                reason: "the provider had a key that this service didn't know; it is accepted now"
                    .to_owned(),
            }),
            _ if record.failures > self.before.failures => Some(Ended::NotChanged {
                reason: reason("the provider changed nothing"),
            }),
            Phase::Attention(_) => Some(Ended::NotChanged {
                reason: reason(attention(record).unwrap_or_default()),
            }),
            _ => Some(Ended::NotChanged {
                reason: reason("nothing was interrupted, and no rotation was needed"),
            }),
        }
    }
}
