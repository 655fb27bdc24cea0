//! When something is due. Each of these times is a function of the record alone, so it survives a crash, and all
//! processes agree on it.

use super::policy::{Maker, Policy};
use super::record::{Claim, Phase, Record, Time};

/// Returns the next time at which a tick does something, or `None` if only another event can.
///
/// The time may have passed already. A tick then does something, and the next time is later than `now`.
pub(crate) fn wake_at<K>(policy: &Policy, record: &Record<K>, now: Time) -> Option<Time> {
    let other = match record.phase {
        Phase::Calling(claim) => Some(over_at(policy, claim)),
        Phase::Prepared if !record.is_forced() => {
            Some(attempt_at(record)?.max(now.saturating_add(policy.poll)))
        }
        Phase::Overlap => retire_at(policy, record),
        _ => None,
    };
    [other, ask_at(policy, record)].into_iter().flatten().min()
}

/// Returns when a claim's request is over: the process that sent it has the answer or has given up.
pub(super) fn over_at(policy: &Policy, claim: Claim) -> Time {
    claim.send_by.saturating_add(policy.answer_within)
}

/// Returns when the provider may be given the new secret.
pub(super) fn attempt_at<K>(record: &Record<K>) -> Option<Time> {
    match record.failures {
        0 => Some(0),
        _ => record.next_at,
    }
}

/// Returns when the next rotation may begin.
pub(super) fn begin_at<K>(record: &Record<K>) -> Option<Time> {
    let wanted = match (&record.phase, record.is_forced()) {
        (Phase::Steady, false) => record.next_at?,
        (Phase::Steady | Phase::Overlap | Phase::Prepared, true) => attempt_at(record)?,
        _ => return None,
    };
    Some(wanted.max(record.settle_until))
}

/// Returns when a process is told to read the key, or to make one.
pub(super) fn ask_at<K>(policy: &Policy, record: &Record<K>) -> Option<Time> {
    let asked_at = record.asked_at;
    let after = |wait: Time| asked_at.saturating_add(wait);
    let again_at = after(policy.between_reads);
    let begin_at = begin_at(record).map(|at| if asked_at < at { at } else { again_at });
    let read_at = match (policy.maker, &record.phase) {
        (Maker::Service, _) => None,
        (Maker::Provider, Phase::Settling(claim)) => {
            let reads = policy
                .settle_reads
                .map(|after| claim.send_by.saturating_add(after));
            let mut reads = reads.into_iter().chain([record.settle_until]);
            Some(reads.find(|at| *at > asked_at).unwrap_or(again_at))
        }
        (Maker::Provider, Phase::Retiring { first_read }) => {
            let last = first_read.unwrap_or(0).max(asked_at);
            Some(last.saturating_add(policy.between_reads))
        }
        (Maker::Provider, Phase::Overlap | Phase::Attention(_)) => Some(after(policy.read_every)),
        (Maker::Provider, _) => None,
    };
    let at = [begin_at, read_at].into_iter().flatten().min()?;
    Some(at.max(after(policy.read_pause)))
}

/// Returns when the other keys than the current one may go, as things stand.
pub(super) fn retire_at<K>(policy: &Policy, record: &Record<K>) -> Option<Time> {
    if record.is_forced() {
        return None;
    }
    let age = |age: Time| record.since.saturating_add(age);
    let end = age(policy.max_age);
    let at = match is_used(record) {
        true => {
            let silent_since = others_match(record).unwrap_or(0).max(record.since);
            let silent_at = silent_since.saturating_add(policy.silence);
            end.min(silent_at.max(age(policy.min_age)))
        }
        // Without traffic, silence means nothing.
        false => end,
    };
    Some(at.max(record.settle_until))
}

/// Tells whether the current key has signed something since it was confirmed.
pub(super) fn is_used<K>(record: &Record<K>) -> bool {
    let last_match = record.current().and_then(|current| current.last_match);
    last_match.is_some_and(|at| at >= record.since)
}

/// Returns when one of the other keys last matched a delivery.
pub(super) fn others_match<K>(record: &Record<K>) -> Option<Time> {
    let (_, others) = record.keys.split_last()?;
    others.iter().filter_map(|other| other.last_match).max()
}
