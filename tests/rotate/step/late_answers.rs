//! Answers and reads that come late are kept, and change nothing about the current key.

use super::{Change, Event, Phase, Run, DAY, HOUR, SECOND};
use crate::machine::policy::Maker;

/// The answer to the first request was lost, and the second request made the key "second".
fn second() -> Run {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.now = run.record.settle_until;
    run.reads("old");
    run.now += HOUR;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Done("second"));
    run
}

#[test]
fn the_late_answer_of_a_lost_request_is_accepted() {
    let mut run = second();
    run.answers(1, Change::Done("first"));
    assert_eq!(
        (run.accepted().contains(&"first"), run.current()),
        (true, Some("second"))
    );
}

#[test]
fn the_key_that_reads_show_stays_though_a_late_answer_was_learned_after_it() {
    let mut run = second();
    run.answers(1, Change::Done("first"));
    run.now += HOUR;
    run.matches(2);
    run.waits(3 * DAY);
    for _ in 0..2 {
        run.reads("second");
        run.now += HOUR;
    }
    assert_eq!(run.accepted(), ["second"]);
}

#[test]
fn an_answer_that_comes_twice_changes_nothing() {
    for maker in [Maker::Provider, Maker::Service] {
        let mut run = Run::changed(maker);
        let before = run.record.clone();
        run.now += HOUR;
        run.answers(1, Change::Done("new"));
        assert_eq!(run.record, before, "{maker:?}");
    }
}

#[test]
fn the_late_answer_of_an_older_claim_leaves_the_present_one_alone() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.now = run.record.settle_until;
    run.reads("old");
    run.now += HOUR;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.answers(1, Change::Done("first"));
    assert_eq!(run.phase(), &Phase::Settling(claim));
}

#[test]
fn a_read_that_began_before_the_change_does_not_make_the_old_key_the_current_one() {
    let mut run = Run::changed(Maker::Provider);
    let (owner, key, began) = (super::US, "old", run.now - SECOND);
    run.now += SECOND;
    run.happens(Event::Read { owner, key, began });
    assert_eq!(run.current(), Some("new"));
}

#[test]
fn a_read_that_waited_for_the_store_begins_no_rotation() {
    let mut run = Run::due(Maker::Provider);
    let (owner, key, began) = (super::US, "old", run.now);
    run.now += HOUR;
    assert_eq!(run.happens(Event::Read { owner, key, began }), []);
}

#[test]
fn a_read_of_a_known_key_removes_nothing() {
    let mut run = Run::changed(Maker::Provider);
    run.now += HOUR;
    run.reads("old");
    assert_eq!(run.accepted().len(), 2);
}

#[test]
fn a_late_echo_of_ratepay_of_an_older_secret_is_ignored() {
    let mut run = Run::changed(Maker::Service);
    let before = run.record.clone();
    run.answers(1, Change::Done("dropped"));
    assert_eq!(run.record, before);
}

#[test]
fn an_answer_tells_which_key_is_current_even_if_an_old_read_has_shown_it_before() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    let (owner, key, began) = (super::US, "new", run.record.since);
    run.happens(Event::Read { owner, key, began });
    run.answers(claim.epoch, Change::Done("new"));
    assert_eq!(run.current(), Some("new"));
}
