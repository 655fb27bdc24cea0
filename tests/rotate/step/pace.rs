//! Reads keep their distance, and no time is named at which a tick does nothing.

use super::{wake_at, Change, Effect, Event, Run, DAY, HOUR, MINUTE, SECOND};
use crate::machine::policy::Maker;

/// A rotation in each phase, as its owner sees it that has just started again.
fn every_phase(maker: Maker) -> Vec<Run> {
    let mut calling = Run::due(maker);
    calling.claims();
    let mut lost = Run::due(maker);
    let claim = lost.claims();
    lost.answers(claim.epoch, Change::Lost);
    let mut refused = Run::due(maker);
    refused.policy.max_failures = 1;
    let claim = refused.claims();
    refused.answers(claim.epoch, Change::Refused);
    let mut retiring = Run::changed(maker);
    retiring.matches(2);
    retiring.waits(3 * DAY);
    let mut forced = Run::changed(maker);
    forced.happens(Event::Revoke { generation: 2 });
    let steady = Run::due(maker);
    let changed = Run::changed(maker);
    vec![steady, calling, lost, refused, changed, retiring, forced]
}

#[test]
fn a_tick_at_its_time_does_something_and_the_next_time_is_later() {
    for maker in [Maker::Provider, Maker::Service] {
        for mut run in every_phase(maker) {
            for _ in 0..100 {
                let Some(at) = wake_at(&run.policy, &run.record, run.now) else {
                    break;
                };
                run.now = run.now.max(at);
                let before = run.record.clone();
                let effects = run.ticks();
                let is_of_use = run.record != before || !effects.is_empty();
                let next = wake_at(&run.policy, &run.record, run.now);
                assert!(
                    is_of_use && next.is_none_or(|at| at > run.now),
                    "{before:?}"
                );
            }
        }
    }
}

#[test]
fn many_ticks_at_one_time_ask_for_one_read() {
    for mut run in every_phase(Maker::Provider) {
        run.now += HOUR;
        let effects: Vec<Effect> = (0..1000).flat_map(|_| run.ticks()).collect();
        let reads = effects.iter().filter(|effect| **effect == Effect::Read);
        assert!(reads.count() <= 1, "{:?}", run.record);
    }
}

#[test]
fn the_times_of_reads_after_a_lost_answer() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    // Counted from the claim, whose request is sent for 10 s.
    let expected = [10, 25, 70, 130, 190].map(|seconds| seconds * SECOND);
    assert_eq!(run.times_of(Effect::Read, 4 * MINUTE), expected);
}

#[test]
fn the_times_of_reads_while_two_keys_are_accepted() {
    let mut run = Run::changed(Maker::Provider);
    run.record.asked_at = run.now;
    let expected = [1, 2, 3].map(|hours| hours * HOUR);
    assert_eq!(run.times_of(Effect::Read, 3 * HOUR), expected);
}

#[test]
fn a_rotation_that_is_due_asks_again_each_minute_until_a_read_succeeds() {
    let mut run = Run::due(Maker::Provider);
    let expected = [0, 1, 2].map(|minutes| minutes * MINUTE);
    assert_eq!(run.times_of(Effect::Read, 2 * MINUTE), expected);
}

#[test]
fn ratepay_is_never_read() {
    for mut run in every_phase(Maker::Service) {
        let for_a_stranger = run.happens(Event::Unknown);
        let reads = run.times_of(Effect::Read, 2 * DAY);
        assert_eq!((for_a_stranger, reads), (vec![], vec![]));
    }
}

#[test]
fn an_unknown_signature_asks_for_a_read() {
    let mut run = Run::changed(Maker::Provider);
    run.now += HOUR;
    assert_eq!(run.happens(Event::Unknown), [Effect::Read]);
}

#[test]
fn all_that_strangers_send_asks_for_one_read_in_ten_seconds() {
    let mut run = Run::changed(Maker::Provider);
    run.now += HOUR;
    let mut reads = 0;
    for _ in 0..600 {
        run.now += 100;
        reads += run.happens(Event::Unknown).len();
    }
    assert_eq!(reads, 6);
}

#[test]
fn strangers_cannot_keep_a_rotation_from_beginning() {
    let mut run = Run::due(Maker::Provider);
    run.now += SECOND;
    run.happens(Event::Unknown);
    let effects = run.reads("old");
    assert!(matches!(effects[..], [Effect::Send(_)]), "{effects:?}");
}

#[test]
fn nothing_is_done_before_a_rotation_is_due() {
    let mut run = Run::due(Maker::Provider);
    run.now -= 1;
    assert_eq!((run.ticks(), run.reads("old")), (vec![], vec![]));
}

#[test]
fn a_read_that_is_due_keeps_its_distance_from_one_for_a_stranger() {
    let mut run = Run::due(Maker::Provider);
    run.now -= SECOND;
    run.happens(Event::Unknown);
    assert_eq!(run.times_of(Effect::Read, MINUTE), [10 * SECOND]);
}

#[test]
fn the_second_read_before_a_key_goes_comes_a_minute_after_the_first_began() {
    let mut run = Run::changed(Maker::Provider);
    run.matches(2);
    run.waits(3 * DAY);
    run.now += SECOND;
    run.reads("new");
    assert_eq!(run.times_of(Effect::Read, 90 * SECOND), [MINUTE]);
}
