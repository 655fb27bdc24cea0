//! A new key is accepted at once, even if the store is down. A known one needs nothing, and one that leaked isn't.

use super::{step, Change, Event, Key, Run, DAY, HOUR};
use crate::machine::policy::Maker;

fn accepted(run: &Run, event: Event<Key>) -> Option<Key> {
    step(&run.policy, &run.record, event, run.now).accept
}

fn read(run: &Run, key: Key) -> Event<Key> {
    let (owner, began) = (super::US, run.now);
    Event::Read { owner, key, began }
}

fn answer(key: Key) -> Event<Key> {
    let (epoch, change) = (1, Change::Done(key));
    Event::Changed { epoch, change }
}

#[test]
fn a_key_that_a_read_shows() {
    let run = Run::due(Maker::Provider);
    assert_eq!(accepted(&run, read(&run, "new")), Some("new"));
}

#[test]
fn a_key_that_pandadoc_answers_with() {
    let mut run = Run::due(Maker::Provider);
    run.claims();
    assert_eq!(accepted(&run, answer("new")), Some("new"));
}

#[test]
fn a_key_that_a_late_answer_brings() {
    let run = Run::due(Maker::Provider);
    assert_eq!(accepted(&run, answer("new")), Some("new"));
}

#[test]
fn a_secret_that_is_made_for_ratepay() {
    let run = Run::due(Maker::Service);
    assert_eq!(accepted(&run, Event::Begin { key: "new" }), Some("new"));
}

#[test]
fn another_secret_that_ratepay_answers_with() {
    let mut run = Run::due(Maker::Service);
    run.claims();
    assert_eq!(accepted(&run, answer("other")), Some("other"));
}

#[test]
fn not_a_key_that_is_known() {
    let run = Run::due(Maker::Provider);
    assert_eq!(accepted(&run, read(&run, "old")), None);
}

#[test]
fn not_a_key_that_leaked_and_was_dropped() {
    let mut run = Run::changed(Maker::Provider);
    run.happens(Event::Revoke { generation: 1 });
    run.now += HOUR;
    run.matches(2);
    run.waits(3 * DAY);
    for _ in 0..2 {
        run.reads("new");
        run.now += HOUR;
    }
    assert_eq!(accepted(&run, read(&run, "old")), None);
}
