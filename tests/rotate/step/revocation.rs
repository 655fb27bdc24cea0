//! A key that leaked is replaced at once, and accepted no more as soon as there is a newer one.

use super::{Change, Effect, Event, Run, DAY, HOUR, SECOND};
use crate::machine::policy::Maker;
use crate::machine::record::{Phase, Reason};

/// A subscription in the middle of its time.
fn steady(maker: Maker) -> Run {
    let mut run = Run::due(maker);
    run.now -= 10 * DAY;
    run
}

fn leaks(run: &mut Run, generation: u64) -> Vec<Effect> {
    run.happens(Event::Revoke { generation })
}

#[test]
fn pandadocs_current_key_is_read_at_once() {
    assert_eq!(leaks(&mut steady(Maker::Provider), 1), [Effect::Read]);
}

#[test]
fn a_secret_is_made_at_once_for_ratepay() {
    assert_eq!(leaks(&mut steady(Maker::Service), 1), [Effect::Begin]);
}

#[test]
fn the_leaked_key_is_accepted_until_a_newer_one_is_confirmed() {
    for maker in [Maker::Provider, Maker::Service] {
        let mut run = steady(maker);
        leaks(&mut run, 1);
        let claim = run.claims();
        let before = run.accepted().contains(&"old");
        run.answers(claim.epoch, Change::Done("new"));
        assert_eq!((before, run.accepted()), (true, vec!["new"]), "{maker:?}");
    }
}

#[test]
fn the_leaked_key_stays_accepted_while_nobody_knows_whether_it_was_replaced() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    leaks(&mut run, 1);
    assert_eq!(run.accepted(), ["old"]);
}

#[test]
fn an_old_key_that_leaks_is_accepted_no_more_from_then_on() {
    let mut run = Run::changed(Maker::Provider);
    assert_eq!((leaks(&mut run, 1), run.accepted()), (vec![], vec!["new"]));
}

#[test]
fn the_rotation_begins_with_the_next_read_whatever_is_waited_for() {
    let steady = steady(Maker::Provider);
    let mut after_a_failure = Run::due(Maker::Provider);
    let claim = after_a_failure.claims();
    after_a_failure.answers(claim.epoch, Change::Refused);
    after_a_failure.now = after_a_failure.record.settle_until;
    let mut for_somebody = Run::due(Maker::Provider);
    for_somebody.record.phase = Phase::Attention(Reason::Rejected);
    let mut for_deliveries = Run::changed(Maker::Provider);
    for_deliveries.now += HOUR;
    let mut for_a_second_read = Run::changed(Maker::Provider);
    for_a_second_read.matches(2);
    for_a_second_read.waits(3 * DAY);
    let waits = [
        steady,
        after_a_failure,
        for_somebody,
        for_deliveries,
        for_a_second_read,
    ];
    for mut run in waits {
        let before = run.record.clone();
        let current = run.current().unwrap();
        leaks(&mut run, before.generations);
        let effects = run.reads(current);
        assert!(matches!(effects[..], [Effect::Send(_)]), "{before:?}");
    }
}

#[test]
fn the_rotation_waits_until_no_request_may_arrive() {
    let mut run = Run::changed(Maker::Provider);
    run.now += 20 * SECOND;
    leaks(&mut run, 2);
    assert_eq!(run.reads("new"), []);
}

#[test]
fn ratepay_is_not_given_a_secret_that_leaked_before() {
    let mut run = Run::due(Maker::Service);
    run.happens(Event::Begin { key: "leaked" });
    leaks(&mut run, 2);
    run.happens(Event::Begin { key: "new" });
    assert_eq!(
        (run.accepted(), run.current()),
        (vec!["old", "leaked", "new"], Some("new"))
    );
}

#[test]
fn a_secret_that_leaked_before_it_was_sent_is_not_sent() {
    let mut run = Run::due(Maker::Service);
    run.happens(Event::Begin { key: "leaked" });
    leaks(&mut run, 2);
    let (owner, generation) = (super::US, 2);
    assert_eq!(run.happens(Event::Acknowledged { owner, generation }), []);
}

#[test]
fn an_old_acknowledgement_does_not_send_a_newer_secret() {
    let mut run = Run::due(Maker::Service);
    run.happens(Event::Begin { key: "leaked" });
    leaks(&mut run, 2);
    run.happens(Event::Begin { key: "new" });
    let (owner, generation) = (super::US, 2);
    assert_eq!(run.happens(Event::Acknowledged { owner, generation }), []);
}

#[test]
fn no_read_brings_a_leaked_key_back() {
    let mut run = Run::changed(Maker::Provider);
    leaks(&mut run, 1);
    run.now += HOUR;
    run.matches(2);
    run.waits(3 * DAY);
    for _ in 0..2 {
        run.reads("new");
        run.now += HOUR;
    }
    let (owner, key, began) = (super::US, "old", run.now - 2 * HOUR);
    run.happens(Event::Read { owner, key, began });
    assert_eq!((run.accepted(), run.phase()), (vec!["new"], &Phase::Steady));
}

#[test]
fn a_leaked_key_that_the_provider_still_shows_is_replaced() {
    let mut run = Run::changed(Maker::Provider);
    leaks(&mut run, 1);
    run.now += HOUR;
    run.reads("old");
    run.now += HOUR;
    let effects = run.reads("old");
    assert!(matches!(effects[..], [Effect::Send(_)]), "{effects:?}");
}

#[test]
fn a_key_that_leaks_ends_the_wait_for_somebody() {
    let mut run = Run::due(Maker::Provider);
    run.record.phase = Phase::Attention(Reason::Rejected);
    run.record.failures = 5;
    assert_eq!(leaks(&mut run, 1), [Effect::Read]);
}

#[test]
fn a_key_that_leaks_ends_the_wait_after_an_attempt_that_failed() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Refused);
    leaks(&mut run, 1);
    assert_eq!(run.ticks(), [Effect::AwaitReplicas]);
}
