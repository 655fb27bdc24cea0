//! A clock that was set back by a year stops nothing.

use super::{Change, Effect, Event, Phase, Run, DAY, HOUR, MINUTE, THEM};
use crate::machine::policy::Maker;
use crate::machine::record::Time;

const YEAR: Time = 365 * DAY;

/// Another process looks each minute for an hour, as it does to store matches. Nobody reads.
fn looks(run: &mut Run) {
    for _ in 0..60 {
        run.now += MINUTE;
        let (owner, running) = (THEM, None);
        run.happens(Event::Tick { owner, running });
    }
}

#[test]
fn another_process_takes_over() {
    for maker in [Maker::Provider, Maker::Service] {
        let mut run = Run::due(maker);
        let claim = run.claims();
        run.now -= YEAR;
        looks(&mut run);
        let is_same = matches!(run.phase(), Phase::Calling(it) if it.epoch == claim.epoch);
        assert!(!is_same, "{maker:?}");
    }
}

#[test]
fn a_read_that_shows_the_old_key_ends_the_wait_for_a_lost_answer() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.now -= YEAR;
    looks(&mut run);
    run.reads("old");
    assert_eq!(run.phase(), &Phase::Steady);
}

#[test]
fn two_more_reads_drop_an_old_key_that_was_to_go() {
    let mut run = Run::changed(Maker::Provider);
    run.matches(2);
    run.waits(16 * DAY);
    run.reads("new");
    run.now -= YEAR;
    run.ticks();
    run.waits(16 * DAY);
    for _ in 0..2 {
        run.now += HOUR;
        run.reads("new");
    }
    assert_eq!(run.accepted(), ["new"]);
}

#[test]
fn a_rotation_that_failed_is_tried_again() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Refused);
    run.now -= YEAR;
    looks(&mut run);
    run.now += DAY;
    assert_eq!(run.ticks(), [Effect::AwaitReplicas]);
}

#[test]
fn a_key_is_read_again() {
    let mut run = Run::changed(Maker::Provider);
    run.now += HOUR;
    run.ticks();
    run.now -= YEAR;
    run.ticks();
    assert_eq!(run.waits(HOUR), [Effect::Read]);
}

#[test]
fn a_match_of_that_time_does_not_keep_the_old_key() {
    let mut run = Run::changed(Maker::Provider);
    run.matches(1);
    run.now -= YEAR;
    run.matches(2);
    run.waits(3 * DAY);
    assert_eq!(run.phase(), &Phase::Retiring { first_read: None });
}
