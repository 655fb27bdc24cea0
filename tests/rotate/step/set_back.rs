//! A record that the store had lost, and the one that came back. The keys of both are kept, except dropped ones.

use super::{Key, Phase, Run, DAY, HOUR};
use crate::machine::event::{Change, Event};
use crate::machine::merge::merged;
use crate::machine::policy::Maker;
use crate::machine::record::Record;

const MAKERS: [Maker; 2] = [Maker::Provider, Maker::Service];

/// The record that came back, and the one that was lost: its key has just been changed.
fn records(maker: Maker) -> [Record<Key>; 2] {
    [Run::due(maker).record, Run::changed(maker).record]
}

/// A record in which "other" replaced "old" after the store was set back.
fn other_line(maker: Maker) -> Record<Key> {
    let mut run = Run::due(maker);
    match maker {
        Maker::Provider => {
            run.reads("other");
        }
        Maker::Service => {
            run.happens(Event::Begin { key: "other" });
        }
    }
    run.record
}

fn keys(record: &Record<Key>) -> Vec<Key> {
    record.keys.iter().map(|key| key.key).collect()
}

#[test]
fn the_record_that_was_lost_takes_nothing_from_the_one_that_came_back() {
    for maker in MAKERS {
        let [old, lost] = records(maker);
        assert_eq!(merged(maker, &lost, &old, 0), lost, "{maker:?}");
    }
}

#[test]
fn a_record_that_follows_from_another_takes_nothing_from_it() {
    for maker in MAKERS {
        let mut run = Run::changed(maker);
        let before = run.record.clone();
        run.matches(2);
        run.waits(20 * DAY);
        run.reads("new");
        run.waits(HOUR);
        run.reads("new");
        assert_eq!(keys(&run.record), ["new"], "{maker:?}");
        assert_eq!(
            merged(maker, &run.record, &before, run.now),
            run.record,
            "{maker:?}"
        );
    }
}

#[test]
fn a_key_that_leaked_does_not_come_back() {
    for maker in MAKERS {
        let [mut old, lost] = records(maker);
        old.leaked.push("new");
        assert_eq!(keys(&merged(maker, &old, &lost, 0)), ["old"], "{maker:?}");
    }
}

#[test]
fn a_lost_key_has_a_number_that_no_other_key_has() {
    for maker in MAKERS {
        let [_, lost] = records(maker);
        let merged = merged(maker, &other_line(maker), &lost, 0);
        let numbers: Vec<_> = merged
            .keys
            .iter()
            .map(|key| (key.key, key.number))
            .collect();
        let has = |key, number| numbers.contains(&(key, number));
        assert!(has("other", 2) && has("new", 3), "{maker:?}: {numbers:?}");
    }
}

#[test]
fn pandadoc_s_lost_key_is_accepted_until_reads_show_the_current_one() {
    let [old, lost] = records(Maker::Provider);
    let merged = merged(Maker::Provider, &old, &lost, 7);
    assert_eq!(
        (keys(&merged), &merged.phase),
        (vec!["new", "old"], &Phase::Overlap)
    );
    assert_eq!(merged.since, 7);
}

#[test]
fn ratepay_is_given_the_lost_secret_again() {
    let [old, lost] = records(Maker::Service);
    let merged = merged(Maker::Service, &old, &lost, 0);
    assert_eq!(
        (keys(&merged), &merged.phase),
        (vec!["old", "new"], &Phase::Prepared)
    );
    assert!(!merged.current().unwrap().confirmed);
}

#[test]
fn the_secret_of_a_request_stays_the_current_one() {
    let mut run = Run::due(Maker::Service);
    run.record = other_line(Maker::Service);
    run.happens(Event::Acknowledged {
        owner: super::US,
        generation: 2,
    });
    let [_, lost] = records(Maker::Service);
    let merged = merged(Maker::Service, &run.record, &lost, 0);
    assert_eq!(keys(&merged), ["old", "new", "other"]);
    assert_eq!(merged.phase, run.record.phase);
}

#[test]
fn no_rotation_begins_while_a_lost_request_may_arrive() {
    let mut lost = Run::due(Maker::Provider);
    let claim = lost.claims();
    lost.answers(claim.epoch, Change::Done("new"));
    let [old, _] = records(Maker::Provider);
    let merged = merged(Maker::Provider, &old, &lost.record, 0);
    let of = |record: &Record<_>| (record.settle_until, record.epoch);
    assert_eq!(of(&merged), of(&lost.record));
}

#[test]
fn a_number_that_the_lost_record_gave_is_not_given_again() {
    for maker in MAKERS {
        let [old, mut lost] = records(maker);
        lost.generations = 9;
        let merged = merged(maker, &old, &lost, 0);
        assert_eq!(merged.generations, 10, "{maker:?}");
    }
}

#[test]
fn keys_of_the_lost_record_that_leaked_stay_so() {
    for maker in MAKERS {
        let [old, mut lost] = records(maker);
        lost.leaked.push("leaked");
        assert_eq!(
            merged(maker, &old, &lost, 0).leaked,
            ["leaked"],
            "{maker:?}"
        );
    }
}
