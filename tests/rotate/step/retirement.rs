//! An old key goes when it is silent and its successor signs, or at the end of its time.

use super::{Run, DAY, HOUR, MINUTE};
use crate::machine::policy::Maker;
use crate::machine::record::{Phase, Reason, Time};

const RETIRING: Phase = Phase::Retiring { first_read: None };
const NEW_KEY_UNUSED: Phase = Phase::Attention(Reason::NewKeyUnused);

/// Returns the phase at this age of the new key. The matches are ages too.
fn phase(maker: Maker, age: Time, new_match: Option<Time>, old_match: Option<Time>) -> Phase {
    let mut run = Run::changed(maker);
    let confirmed = run.now;
    let mut matches = [(old_match, 1), (new_match, 2)];
    // Time only goes forward.
    matches.sort_unstable();
    for (at, generation) in matches {
        if let Some(at) = at {
            run.now = confirmed + at;
            run.matches(generation);
        }
    }
    run.now = confirmed + age;
    run.ticks();
    run.record.phase
}

#[test]
fn the_rule_of_pandadoc() {
    let signs = Some(HOUR);
    let cases = [
        // The new key's age, when it matched, when the old one matched, and what follows.
        (DAY, signs, None, Phase::Overlap),
        (3 * DAY - 1, signs, None, Phase::Overlap),
        (3 * DAY, signs, None, RETIRING),
        (3 * DAY, signs, Some(MINUTE), Phase::Overlap),
        (5 * DAY - 1, signs, Some(2 * DAY), Phase::Overlap),
        (5 * DAY, signs, Some(2 * DAY), RETIRING),
        // Without traffic, silence means nothing.
        (16 * DAY - 1, None, None, Phase::Overlap),
        (16 * DAY, None, None, RETIRING),
        // Old deliveries that somebody sends again can't keep the old key for ever.
        (16 * DAY, signs, Some(16 * DAY - 1), RETIRING),
        (16 * DAY - 1, None, Some(DAY), Phase::Overlap),
        (16 * DAY, None, Some(DAY), NEW_KEY_UNUSED),
    ];
    for (age, new_match, old_match, expected) in cases {
        let phase = phase(Maker::Provider, age, new_match, old_match);
        assert_eq!(phase, expected, "{age} {new_match:?} {old_match:?}");
    }
}

#[test]
fn the_rule_of_ratepay_is_the_same_without_reads() {
    let signs = Some(HOUR);
    let cases = [
        (3 * DAY - 1, signs, None, Phase::Overlap),
        (3 * DAY, signs, None, Phase::Steady),
        (16 * DAY, None, Some(DAY), NEW_KEY_UNUSED),
    ];
    for (age, new_match, old_match, expected) in cases {
        let phase = phase(Maker::Service, age, new_match, old_match);
        assert_eq!(phase, expected, "{age} {new_match:?} {old_match:?}");
    }
}

/// The old key is to go, and one read has shown the new one.
fn retiring() -> Run {
    let mut run = Run::changed(Maker::Provider);
    run.now += HOUR;
    run.matches(2);
    run.waits(3 * DAY);
    run.reads("new");
    run
}

#[test]
fn two_reads_a_minute_apart_that_show_the_new_key_drop_the_old_one() {
    let mut run = retiring();
    run.now += MINUTE;
    run.reads("new");
    assert_eq!(run.accepted(), ["new"]);
}

#[test]
fn a_second_read_that_comes_too_soon_drops_nothing() {
    let mut run = retiring();
    run.now += MINUTE - 1;
    run.reads("new");
    assert_eq!(run.accepted(), ["old", "new"]);
}

#[test]
fn a_delivery_of_the_old_key_stops_its_retirement() {
    let mut run = retiring();
    run.now += MINUTE;
    run.matches(1);
    run.reads("new");
    assert_eq!(
        (run.accepted(), run.phase()),
        (vec!["old", "new"], &Phase::Overlap)
    );
}

#[test]
fn two_reads_that_show_different_keys_drop_none() {
    let mut run = Run::changed(Maker::Provider);
    for generation in [1, 2] {
        run.now += HOUR;
        run.matches(generation);
    }
    run.waits(16 * DAY);
    run.reads("new");
    run.now += MINUTE;
    run.reads("old");
    assert_eq!(
        (run.accepted(), run.phase()),
        (vec!["new", "old"], &Phase::Overlap)
    );
}

#[test]
fn the_next_rotation_waits_for_its_time() {
    let mut run = retiring();
    run.now += MINUTE;
    run.reads("new");
    assert_eq!(run.record.next_at, Some(super::START + 90 * DAY));
}

#[test]
fn ages_count_from_the_echo_and_not_from_when_ratepays_secret_was_made() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.now += 20 * DAY;
    run.answers(claim.epoch, super::Change::Done("new"));
    run.ticks();
    assert_eq!(run.phase(), &Phase::Overlap);
}

#[test]
fn no_secret_goes_while_a_put_may_arrive() {
    let mut run = Run::changed(Maker::Service);
    run.record.settle_until = run.now + 20 * DAY;
    run.waits(20 * DAY - 1);
    assert_eq!(run.accepted(), ["old", "new"]);
}

#[test]
fn an_older_match_that_is_recorded_later_does_not_count() {
    let mut run = Run::changed(Maker::Provider);
    run.now += DAY;
    run.matches(1);
    let (generation, at) = (1, run.now - HOUR);
    run.happens(super::Event::Matched { generation, at });
    assert_eq!(run.record.keys[0].last_match, Some(run.now));
}
