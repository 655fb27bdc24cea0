//! A rotation that waits for somebody goes on when somebody says so, or when its reason is gone.

use super::{Change, Effect, Event, Run, DAY, HOUR};
use crate::machine::policy::Maker;
use crate::machine::record::{Phase, Reason};

/// The old key still signs after 16 days, and the new one has signed nothing.
fn new_key_unused(maker: Maker) -> Run {
    let mut run = Run::changed(maker);
    run.now += DAY;
    run.matches(1);
    run.waits(15 * DAY);
    run
}

fn rejected() -> Run {
    let mut run = Run::due(Maker::Provider);
    run.policy.max_failures = 1;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Refused);
    run.now = run.record.settle_until;
    run
}

#[test]
fn every_key_stays_accepted() {
    let run = new_key_unused(Maker::Service);
    assert_eq!(run.accepted(), ["old", "new"]);
}

#[test]
fn a_delivery_of_the_new_key_ends_the_wait_for_one() {
    let mut run = new_key_unused(Maker::Service);
    run.matches(2);
    assert_eq!(run.phase(), &Phase::Overlap);
}

#[test]
fn somebody_who_resumes_starts_the_wait_for_the_new_keys_delivery_again() {
    let mut run = new_key_unused(Maker::Service);
    run.happens(Event::Resume);
    run.waits(16 * DAY - 1);
    assert_eq!(
        (run.accepted(), run.phase()),
        (vec!["old", "new"], &Phase::Overlap)
    );
}

#[test]
fn somebody_who_resumes_after_failures_has_it_tried_again_at_once() {
    let mut run = rejected();
    run.happens(Event::Resume);
    let effects = run.reads("old");
    assert!(matches!(effects[..], [Effect::Send(_)]), "{effects:?}");
}

#[test]
fn nothing_is_tried_before() {
    let mut run = rejected();
    run.now += HOUR;
    assert_eq!(
        (run.ticks(), run.reads("old")),
        (vec![Effect::Read], vec![])
    );
}

#[test]
fn a_read_of_an_unknown_key_resolves_it() {
    let mut run = rejected();
    run.reads("new");
    assert_eq!(
        (run.accepted(), run.phase()),
        (vec!["old", "new"], &Phase::Overlap)
    );
}

#[test]
fn a_read_that_shows_another_key_than_was_thought_resolves_it() {
    let mut run = new_key_unused(Maker::Provider);
    run.reads("old");
    assert_eq!((run.current(), run.phase()), (Some("old"), &Phase::Overlap));
}

#[test]
fn an_answer_that_was_thought_lost_resolves_it() {
    let mut run = Run::due(Maker::Service);
    run.policy.max_failures = 1;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    let before = run.phase().clone();
    run.answers(claim.epoch, Change::Done("new"));
    let after = run.phase().clone();
    assert_eq!(
        (before, after),
        (Phase::Attention(Reason::Unanswered), Phase::Overlap)
    );
}

#[test]
fn an_answer_with_another_secret_needs_somebody() {
    for answer in ["other", "old"] {
        let mut run = Run::due(Maker::Service);
        let claim = run.claims();
        run.answers(claim.epoch, Change::Done(answer));
        assert_eq!(
            run.phase(),
            &Phase::Attention(Reason::EchoDiffers),
            "{answer}"
        );
    }
}

#[test]
fn the_other_secret_is_accepted_too() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Done("other"));
    assert_eq!(run.accepted(), ["old", "new", "other"]);
}
