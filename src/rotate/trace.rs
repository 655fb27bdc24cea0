//! The events of a rotation, emitted with the feature `tracing`. None has a key in it.

#[cfg(feature = "tracing")]
use super::machine::event::Change;
use super::machine::event::Event;
use super::machine::record::Record;
#[cfg(feature = "tracing")]
use super::phase::Phase;
use super::store::StoreError;
use crate::secret::Secret;

/// A new record is stored.
#[cfg(feature = "tracing")]
pub(super) fn stored(
    name: &str,
    event: &Event<Secret>,
    before: &Record<Secret>,
    after: &Record<Secret>,
    version: u64,
) {
    let (from, to) = (Phase::of(before).as_str(), Phase::of(after).as_str());
    let (cause, generation) = (cause(event), after.generations);
    let keys = after.keys.len();
    match from == to {
        true => tracing::debug!(
            subscription = name,
            phase = to,
            cause,
            generation,
            keys,
            version,
            "rotation: record stored"
        ),
        false => tracing::info!(
            subscription = name,
            from,
            phase = to,
            cause,
            generation,
            keys,
            version,
            "rotation: phase changed"
        ),
    }
}

/// A record that another process stored is loaded.
#[cfg(feature = "tracing")]
pub(super) fn loaded(name: &str, record: &Record<Secret>, version: u64) {
    let (phase, keys) = (Phase::of(record).as_str(), record.keys.len());
    tracing::debug!(
        subscription = name,
        phase,
        keys,
        version,
        "rotation: record loaded"
    );
}

/// The store has an older record than it had, or another one of the same version.
#[cfg(feature = "tracing")]
pub(super) fn set_back(name: &str, version: u64, known_version: u64) {
    tracing::warn!(
        subscription = name,
        version,
        known_version,
        "rotation: the store has lost a record; what it has lost is stored again"
    );
}

#[cfg(feature = "tracing")]
fn cause(event: &Event<Secret>) -> &'static str {
    match event {
        Event::Tick { .. } => "time",
        Event::Rotate => "a rotation was asked for",
        Event::Begin { .. } => "a secret was made",
        Event::Unknown => "an unknown signature",
        Event::Acknowledged { .. } => "every replica has the secret",
        Event::Changed { change, .. } => match change {
            Change::Done(_) => "the provider changed the key",
            Change::Refused => "the provider changed nothing",
            Change::Lost => "the answer was lost",
        },
        Event::Read { .. } => "the current key was read",
        Event::Matched { .. } => "a delivery matched",
        Event::Revoke { .. } => "a key was revoked",
        Event::Resume => "resumed",
    }
}

/// The store failed.
#[cfg(feature = "tracing")]
pub(super) fn store_failed(name: &str, error: &StoreError) {
    tracing::warn!(subscription = name, %error, "rotation: the store failed");
}

/// A request to the provider failed. The message has no secret in it.
#[cfg(feature = "tracing")]
pub(super) fn provider_failed(name: &str, message: &str) {
    tracing::warn!(
        subscription = name,
        error = message,
        "rotation: the provider failed"
    );
}

#[cfg(not(feature = "tracing"))]
pub(super) fn stored(_: &str, _: &Event<Secret>, _: &Record<Secret>, _: &Record<Secret>, _: u64) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn loaded(_: &str, _: &Record<Secret>, _: u64) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn set_back(_: &str, _: u64, _: u64) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn store_failed(_: &str, _: &StoreError) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn provider_failed(_: &str, _: &str) {}
