//! A record has a bounded size whatever somebody does at the provider, and a setting may be as long as never.

use super::{Effect, Run, HOUR};
use crate::machine::policy::Maker;

/// A key that changes every hour, so that none gets old.
fn changes_hourly(run: &mut Run) {
    let keys = (0..1000).map(|number| -> &str { format!("key {number}").leak() });
    for key in keys {
        run.now += HOUR;
        run.reads(key);
    }
}

#[test]
fn a_key_that_is_changed_again_and_again_does_not_fill_the_record() {
    let mut run = Run::changed(Maker::Provider);
    changes_hourly(&mut run);
    assert_eq!(run.record.keys.len(), 32);
}

#[test]
fn the_keys_that_stay_are_the_newest() {
    let mut run = Run::changed(Maker::Provider);
    changes_hourly(&mut run);
    let (first, last) = (run.accepted()[0], run.current());
    assert_eq!((first, last), ("key 968", Some("key 999")));
}

#[test]
fn nothing_comes_after_never() {
    let mut run = Run::changed(Maker::Provider);
    let never = u64::MAX;
    run.policy.every = Some(never);
    run.policy.max_age = never;
    run.policy.silence = never;
    run.policy.read_every = never;
    run.matches(2);
    assert_eq!(run.times_of(Effect::Read, 1000 * HOUR), [0; 0]);
}
