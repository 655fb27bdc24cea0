//! The commands to a rotation, and how they end.

use serde::Serialize;
use tokio::sync::oneshot;

use super::machine::event::Event;
use super::machine::record::{Phase, Record, Time};
use super::phase::attention;
use super::subscription::Failed;
use crate::secret::Secret;

/// Asks the schedule to do something.
#[derive(Debug, Clone, Copy)]
pub(super) enum Command {
    Rotate,
    Resume,
    Revoke(u64),
}

impl Command {
    /// Returns the event of this command, or its end if there is nothing to do.
    pub(super) fn event(self, record: &Record<Secret>) -> Result<Event<Secret>, Ended> {
        let is_requested = matches!(record.phase, Phase::Calling(_) | Phase::Settling(_));
        let is_under_way = match record.phase {
            Phase::Steady | Phase::Attention(_) => false,
            // A secret that the provider rejected is sent again.
            Phase::Prepared => record.failures == 0,
            _ => true,
        };
        let is_stopped = matches!(record.phase, Phase::Attention(_));
        Ok(match self {
            Self::Rotate if is_under_way => return Err(Ended::Busy),
            Self::Rotate => Event::Rotate,
            Self::Resume if is_requested => return Err(Ended::Busy),
            Self::Resume => match record.current() {
                // A key that leaked is replaced at once, whatever failed before.
                Some(current) if current.revoked => Event::Revoke {
                    generation: current.number,
                },
                _ if is_stopped || record.failures == 0 => Event::Resume,
                _ => Event::Rotate,
            },
            Self::Revoke(generation) => match record.keys.iter().any(|key| key.number == generation) {
                true => Event::Revoke { generation },
                false => {
                    return Err(not_changed(&format!(
                        "there is no key of generation {generation}; the status has the generations that there are"
                    )))
                }
            },
        })
    }
}

/// How much the clocks of processes may differ that ask for a rotation at the same time.
const CLOCKS_DIFFER: Time = 5_000;

/// A command, and where its end is told.
pub(super) struct Request {
    pub(super) command: Command,
    pub(super) end: oneshot::Sender<Ended>,
}

/// How a command ended.
///
/// ```no_run
/// use webhook_subscriptions::rotate::{Ended, NotRunning};
/// use webhook_subscriptions::{verify::PandaDoc, Rotation};
///
/// async fn rotate(rotation: &Rotation<PandaDoc>) -> Result<(), NotRunning> {
///     match rotation.rotate_now().await? {
///         Ended::Rotated { generation } => println!("key {generation} is the current one"),
///         Ended::Revoked { generation } => println!("key {generation} is no longer accepted"),
///         Ended::Busy => println!("an earlier rotation hasn't finished; see the status"),
///         Ended::NotChanged { reason } => println!("the key is the old one: {reason}"),
///         Ended::Unsettled { reason } => println!("the key may have changed: {reason}"),
///         // A later version of this crate may add more.
///         other => println!("{other:?}"),
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "ended")]
#[must_use = "the key may not have changed"]
#[non_exhaustive]
pub enum Ended {
    /// The provider has a new key. Deliveries signed with it are accepted, and so are those with the one before,
    /// unless that was revoked.
    Rotated {
        /// The number of the new key.
        generation: u64,
    },
    /// Only after [`Rotation::revoke`](super::Rotation::revoke): the key is revoked. This process rejects deliveries
    /// signed with it from now on, and others do once they have loaded the record. The provider has a newer key
    /// already, so no request was needed.
    Revoked {
        /// The number of the revoked key.
        generation: u64,
    },
    /// A rotation was under way already, so nothing was begun. Two keys are accepted until it has finished, which takes
    /// 1 to 16 days by default: see [`min_overlap`](super::RotationBuilder::min_overlap). After a leak, call
    /// [`revoke`](super::Rotation::revoke).
    Busy,
    /// The provider certainly didn't change the key because of this command. If an attempt failed, the schedule
    /// tries again later.
    NotChanged {
        /// Why not.
        reason: String,
    },
    /// The provider may have changed the key. The schedule goes on to find out, so there is nothing to do. Call
    /// [`Rotation::status`](super::Rotation::status) to see what it found. Every key that may be the current one is
    /// accepted.
    Unsettled {
        /// Why it isn't known.
        reason: String,
    },
}

/// Somebody waits for the end of a command.
pub(super) struct Waiting {
    command: Command,
    /// The record, and the number of requests so far, before the command.
    before: Record<Secret>,
    requests: u64,
    /// How many attempts in a row had failed once the command was taken in.
    failures: u32,
    end: oneshot::Sender<Ended>,
}

/// The requests to the provider, as far as they explain how a command ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    /// How many there have been.
    pub(super) count: u64,
    /// Why the latest one failed, if it did.
    latest: Option<Failed>,
    /// Why the latest request to change the key failed, if it did, and its number.
    change: Option<(u64, Failed)>,
}

impl Requests {
    /// Remembers the result of a request that doesn't change the key.
    pub(super) fn note(&mut self, failed: Option<&Failed>) {
        self.count += 1;
        self.latest = failed.cloned();
    }

    /// Remembers the result of a request to change the key.
    pub(super) fn note_change(&mut self, failed: Option<&Failed>) {
        self.note(failed);
        self.change = failed.map(|failed| (self.count, failed.clone()));
    }

    /// Returns why the latest request failed, if it did.
    pub(super) fn latest_failed(&self) -> Option<&Failed> {
        self.latest.as_ref()
    }

    /// Returns why the latest request to change the key failed, if it did after so many requests.
    fn change_failed(&self, after: u64) -> Option<&Failed> {
        let (number, failed) = self.change.as_ref()?;
        (*number > after).then_some(failed)
    }

    /// Returns why requests failed after so many others: the one to change the key, and the latest.
    fn why(&self, after: u64) -> Option<String> {
        let change = self.change_failed(after);
        let latest = self.latest.as_ref().filter(|_| self.count > after);
        let is_change = matches!(self.change, Some((number, _)) if number == self.count);
        Some(match (change, latest) {
            (Some(change), Some(read)) if !is_change => format!(
                "{}; the latest attempt to read the key: {}",
                change.message, read.message
            ),
            (Some(change), _) => change.message.clone(),
            (None, Some(latest)) => latest.message.clone(),
            (None, None) => return None,
        })
    }
}

impl Waiting {
    pub(super) fn new(
        command: Command,
        before: Record<Secret>,
        requests: u64,
        failures: u32,
        end: oneshot::Sender<Ended>,
    ) -> Self {
        Self {
            command,
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
        requests: &Requests,
        now: Time,
    ) -> Option<Ended> {
        let newest = newest_confirmed(record);
        let is_newer = newest > newest_confirmed(&self.before);
        let why = requests.why(self.requests);
        if let Some(attention) = attention(record) {
            let reason = match why {
                Some(why) => format!("{attention}; the error was: {why}"),
                None => attention.to_owned(),
            };
            return Some(unchanged(!is_newer && is_confirmed(record), reason));
        }
        if is_newer {
            return Some(match self.is_attempted(record) {
                true => Ended::Rotated { generation: newest },
                false => self.not_needed(
                    record,
                    "the provider had a key that this service didn't know; it is accepted now",
                ),
            });
        }
        let is_wanted = match record.phase {
            // A request may have changed the key, and reads couldn't tell.
            Phase::Settling(_) if record.settle_until <= now => {
                let reason = why.unwrap_or_else(|| "the current key couldn't be read".to_owned());
                return Some(Ended::Unsettled { reason });
            }
            Phase::Calling(_) | Phase::Settling(_) => return None,
            Phase::Steady | Phase::Prepared => {
                let soon = now.saturating_add(CLOCKS_DIFFER);
                record.next_at.is_some_and(|at| at <= soon)
            }
            Phase::Overlap | Phase::Retiring { .. } | Phase::Attention(_) => false,
        };
        if record.failures > self.failures {
            return Some(self.failed(record, requests));
        }
        let is_first = record.phase == Phase::Prepared && record.failures == 0;
        match (is_wanted || is_first || record.is_forced(), why) {
            (true, Some(why)) => Some(not_changed(&why)),
            (true, None) => None,
            (false, _) => Some(self.not_needed(record, "no request was needed")),
        }
    }

    /// Returns how a command ends that needs no request of this process.
    fn not_needed(&self, record: &Record<Secret>, reason: &str) -> Ended {
        match self.command {
            Command::Revoke(generation) if !is_accepted(record, generation) => {
                Ended::Revoked { generation }
            }
            // A read showed an older key. It may be out of date.
            Command::Revoke(_) => not_changed(
                "the key is revoked, but the provider showed an older one last; the revoked key is accepted until the \
                 provider has a newer one, or until it is retired",
            ),
            _ => not_changed(reason),
        }
    }

    /// Returns how an attempt that changed nothing, as far as is known, ends the command.
    fn failed(&self, record: &Record<Secret>, requests: &Requests) -> Ended {
        let change = requests.change_failed(self.requests);
        let is_rejected = change.is_some_and(|change| change.changed_nothing);
        let mut reason = match requests.why(self.requests) {
            Some(why) => why,
            None => "the request wasn't sent in time, or another process sent it".to_owned(),
        };
        if is_confirmed(record) {
            if change.is_some() && !is_rejected {
                reason += "; the key that was read afterwards is the old one";
            }
            return Ended::NotChanged { reason };
        }
        // An earlier request with the same secret may have changed the key.
        let is_only_one =
            self.before.phase == Phase::Steady && record.epoch == self.before.epoch + 1;
        unchanged(is_rejected && is_only_one, reason)
    }

    /// Tells whether a request to change the key may have been sent meanwhile, or was under way before.
    fn is_attempted(&self, record: &Record<Secret>) -> bool {
        let was_under_way = matches!(self.before.phase, Phase::Calling(_) | Phase::Settling(_));
        was_under_way || record.epoch > self.before.epoch
    }
}

/// Tells whether deliveries signed with the key of this generation are accepted. It may have been dropped.
fn is_accepted(record: &Record<Secret>, generation: u64) -> bool {
    let mut keys = record.keys.iter();
    keys.any(|key| key.number == generation && record.accepts(key))
}

/// Tells whether the provider has shown or echoed the current key, so that no other one was sent to it since.
fn is_confirmed(record: &Record<Secret>) -> bool {
    record.current().is_some_and(|current| current.confirmed)
}

fn unchanged(is_certain: bool, reason: String) -> Ended {
    match is_certain {
        true => Ended::NotChanged { reason },
        false => Ended::Unsettled { reason },
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
