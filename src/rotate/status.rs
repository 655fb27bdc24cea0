//! The state of a rotation, for people and for monitoring.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::machine::record;
use super::phase::{attention, Phase};
use super::state::State;
use super::subscription::{Rotatable, Subscription};
use super::time::from_millis;
use crate::secret::Secret;

/// The state of a rotation as one process sees it. It has no key in it.
///
/// As JSON, times are RFC 3339 and durations are seconds. A health check can show it:
///
/// ```no_run
/// use webhook_subscriptions::{verify::PandaDoc, Rotation};
///
/// fn health(rotation: &Rotation<PandaDoc>) -> serde_json::Result<String> {
///     serde_json::to_string(&rotation.status())
/// }
/// ```
///
/// An hour after the first rotation, this is:
///
/// ```json
/// {
///   "provider": "pandadoc",
///   "subscription": "d173751d-0057-4d5c-ab75-49a670a4ca68",
///   "phase": "overlap",
///   "since": "2026-11-24T18:39:35.562Z",
///   "for_s": 3600,
///   "generations": [
///     {
///       "number": 1,
///       "learned": "2026-08-26T18:39:25.558Z",
///       "age_s": 7779610,
///       "confirmed": true,
///       "last_match": "2026-11-24T18:39:31.004Z",
///       "revoked": false
///     },
///     {
///       "number": 2,
///       "learned": "2026-11-24T18:39:35.562Z",
///       "age_s": 3600,
///       "confirmed": true,
///       "last_match": "2026-11-24T19:38:12.870Z",
///       "revoked": false
///     }
///   ],
///   "next_at": "2027-02-15T16:13:11.866Z",
///   "failed_attempts": 0,
///   "attention": null,
///   "running": true,
///   "version": 9,
///   "store_error": null,
///   "provider_error": null,
///   "reads": 2,
///   "unknown_signatures": {
///     "held": 0,
///     "accepted": 1,
///     "rejected": 0,
///     "not_decided": 0
///   }
/// }
/// ```
///
/// Alert somebody if `attention` isn't null, if `running` is false, or if `store_error` stays.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// `pandadoc` or `ratepay`.
    pub provider: &'static str,
    /// The id of the subscription.
    pub subscription: String,
    /// The phase of the rotation.
    pub phase: Phase,
    /// When the phase began.
    #[serde(serialize_with = "time")]
    pub since: Option<SystemTime>,
    /// How long ago the phase began.
    #[serde(rename = "for_s", serialize_with = "seconds")]
    pub duration: Duration,
    /// The known keys. The current one is last. All are accepted, except revoked ones once a newer key is confirmed.
    pub generations: Vec<Generation>,
    /// When the next rotation is due.
    #[serde(serialize_with = "time")]
    pub next_at: Option<SystemTime>,
    /// How many attempts in a row changed nothing.
    pub failed_attempts: u32,
    /// The reason why a person must look, and what to do. Every key stays accepted meanwhile.
    pub attention: Option<String>,
    /// Whether [`Rotation::run`](super::Rotation::run) runs in this process.
    pub running: bool,
    /// The version of the record that this process has.
    pub version: u64,
    /// Why the latest use of the store failed, if it did. Unknown signatures are answered 503 meanwhile.
    pub store_error: Option<String>,
    /// Why the latest request to the provider failed, if it did.
    pub provider_error: Option<String>,
    /// How often the provider was read since this process started.
    pub reads: u64,
    /// The deliveries of this process that no accepted key verified when they arrived.
    pub unknown_signatures: UnknownSignatures,
}

/// One key, without the key.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Generation {
    /// Counts up from 1 with each key, and is never given twice.
    pub number: u64,
    /// When this service learned of the key, or made it.
    #[serde(serialize_with = "time")]
    pub learned: Option<SystemTime>,
    /// How long ago that was.
    #[serde(rename = "age_s", serialize_with = "seconds")]
    pub age: Duration,
    /// Whether the provider has shown or echoed the key.
    pub confirmed: bool,
    /// When a delivery last matched it, as far as this process knows.
    #[serde(serialize_with = "time")]
    pub last_match: Option<SystemTime>,
    /// Whether it was revoked. It goes as soon as a newer key is the provider's.
    pub revoked: bool,
}

/// Deliveries that no accepted key verified when they arrived, since this process started.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[non_exhaustive]
pub struct UnknownSignatures {
    /// How many are held now.
    pub held: u64,
    /// How many were accepted after they had been held.
    pub accepted: u64,
    /// How many were rejected with status 403.
    pub rejected: u64,
    /// How many were answered with status 503.
    pub not_decided: u64,
}

impl Status {
    pub(super) fn new<S: Rotatable>(state: &State<S>, running: bool) -> Self {
        let (document, now) = (state.document(), state.now());
        let ago = |time: u64| Duration::from_millis(now.saturating_sub(time));
        let generation = |it: &record::Generation<Secret>| Generation {
            number: it.number,
            learned: from_millis(it.learned),
            age: ago(it.learned),
            confirmed: it.confirmed,
            last_match: it
                .last_match
                .max(state.keys.last_match(it.number))
                .and_then(from_millis),
            revoked: it.revoked,
        };
        let record = &document.record;
        let counts = &state.receiver.counts;
        Self {
            provider: S::Subscription::PROVIDER,
            subscription: state.subscription.id(),
            phase: Phase::of(record),
            since: from_millis(document.entered),
            duration: ago(document.entered),
            generations: record.keys.iter().map(generation).collect(),
            next_at: record.next_at.and_then(from_millis),
            failed_attempts: record.failures,
            attention: attention(record).map(str::to_owned),
            running,
            version: state.version(),
            store_error: state.store_error(),
            provider_error: state
                .requests()
                .latest_failed()
                .map(|failed| failed.message.clone()),
            reads: state.looks.seen().reads,
            unknown_signatures: UnknownSignatures {
                held: state.looks.held(),
                accepted: counts.accepted_after_hold.load(Ordering::Relaxed),
                rejected: counts.rejected.load(Ordering::Relaxed),
                not_decided: counts.not_decided.load(Ordering::Relaxed),
            },
        }
    }
}

fn time<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    let time = time.and_then(|time| Timestamp::try_from(time).ok());
    time.map(|time| format!("{time:.3}")).serialize(serializer)
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}
