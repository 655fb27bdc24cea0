//! What is asked of a rotation, and how it ends.

use serde::Serialize;
use tokio::sync::oneshot;

use super::machine::record::{Phase, Record, Time};
use super::phase::attention;
use super::subscription::Failed;
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
    /// What was stored, and how many requests had been made, before the command.
    before: Record<Secret>,
    requests: u64,
    /// How many attempts in a row had failed once the command was taken in.
    failures: u32,
    end: oneshot::Sender<Ended>,
}

/// The latest request to the provider.
#[derive(Debug, Clone, Default)]
pub(super) struct LatestRequest {
    /// How many there have been.
    pub(super) count: u64,
    /// Why it failed, if it did.
    pub(super) failed: Option<Failed>,
}

impl Waiting {
    pub(super) fn new(
        before: Record<Secret>,
        requests: u64,
        failures: u32,
        end: oneshot::Sender<Ended>,
    ) -> Self {
        Self {
            before,
            requests,
            failures,
            end,
        }
    }

    /// Tells whether the caller gave up.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_closed()
    }

    /// Ends the command. The caller may have given up, which changes nothing.
    pub(super) fn end(self, ended: Ended) {
        self.end.send(ended).ok();
    }

    /// Returns how the command has ended, or `None` if it goes on.
    pub(super) fn ended(
        &self,
        record: &Record<Secret>,
        latest: &LatestRequest,
        now: Time,
    ) -> Option<Ended> {
        let is_attempted = record.epoch > self.before.epoch;
        let newest = newest_confirmed(record);
        if newest > newest_confirmed(&self.before) {
            return Some(match is_attempted {
                true => Ended::Rotated { generation: newest },
                false => not_changed(
                    "the provider had a key that this service didn't know; it is accepted now",
                ),
            });
        }
        let failed = latest.failed.as_ref();
        let why = |otherwise: &str| failed.map_or(otherwise, |it| &it.message).to_owned();
        let is_wanted = match record.phase {
            // A request may have changed the key, and reads couldn't tell.
            Phase::Settling(_) if record.settle_until <= now => {
                let reason = why("no read tells whether the key changed");
                return Some(Ended::Unsettled { reason });
            }
            Phase::Calling(_) | Phase::Settling(_) => return None,
            Phase::Attention(_) => return attention(record).map(not_changed),
            Phase::Steady | Phase::Prepared => record.next_at.is_some_and(|at| at <= now),
            Phase::Overlap | Phase::Retiring { .. } => false,
        };
        if record.failures > self.failures {
            let reason = why("the provider changed nothing");
            // An earlier request with the same secret may have changed the key.
            let is_certain = record.phase != Phase::Prepared
                || record.epoch == self.before.epoch + 1
                    && self.before.phase == Phase::Steady
                    && failed.is_some_and(|it| it.changed_nothing);
            return Some(match is_certain {
                true => Ended::NotChanged { reason },
                false => Ended::Unsettled { reason },
            });
        }
        let has_failed = latest.count > self.requests && failed.is_some();
        let is_first = record.phase == Phase::Prepared && record.failures == 0;
        match is_wanted || is_first || record.is_forced() {
            true if has_failed => Some(not_changed(&why(""))),
            true => None,
            false => Some(not_changed("no request was needed")),
        }
    }
}

fn not_changed(reason: &str) -> Ended {
    Ended::NotChanged {
        reason: reason.to_owned(),
    }
}

fn newest_confirmed(record: &Record<Secret>) -> u64 {
    let confirmed = record.keys.iter().filter(|key| key.confirmed);
    confirmed.map(|key| key.number).max().unwrap_or(0)
}
