//! A record whose times lie in the future, since a clock was set back or somebody else wrote it.

use super::policy::Policy;
use super::record::{Phase, Record, Time};

/// Moves times that can't be right to now. Otherwise a clock that was once wrong would stop reads and rotations until
/// that time comes. Clocks of processes may differ by `read_every`, an hour.
pub(super) fn forget_future<K>(policy: &Policy, record: &mut Record<K>, now: Time) {
    let latest = now.saturating_add(policy.read_every);
    let past = |time: &mut Time| {
        if *time > latest {
            *time = now;
        }
    };
    past(&mut record.since);
    past(&mut record.asked_at);
    for key in &mut record.keys {
        past(&mut key.learned);
        key.last_match.iter_mut().for_each(past);
    }
    match &mut record.phase {
        // Otherwise no other process would take over.
        Phase::Calling(claim) | Phase::Settling(claim) => past(&mut claim.send_by),
        Phase::Retiring { first_read } => first_read.iter_mut().for_each(past),
        _ => {}
    }
    if record.settle_until > latest.saturating_add(policy.settle_within) {
        record.settle_until = now.saturating_add(policy.settle_within);
    }
    // The period of a rotation that didn't fail is longer, and is looked after with the schedule.
    if record.failures > 0 && record.next_at > Some(latest.saturating_add(policy.max_backoff)) {
        record.next_at = Some(now);
    }
}
