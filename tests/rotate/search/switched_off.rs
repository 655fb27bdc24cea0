//! Each rule that a rotation needs is needed: without it, the search finds a promise that is broken.

use super::explore::explore;
use super::rules;
use super::world::{Budget, World};
use super::Without;
use crate::machine::policy::Maker;

/// Returns the promise that one fault and one leaked key break without this rule.
fn broken(maker: Maker, without: Without) -> Option<String> {
    let budget = Budget {
        faults: 1,
        revoke: 1,
        ..Budget::NONE
    };
    let found = explore(&rules(maker, Some(without)), World::new(maker, budget));
    found.err().map(|violation| violation.promise)
}

#[test]
fn a_patch_whose_answer_was_lost_is_not_sent_again() {
    let promise = broken(Maker::Provider, Without::NoRepeat);
    assert_eq!(promise.as_deref(), Some(KEY_LOST));
}

#[test]
fn no_rotation_begins_just_because_a_read_shows_the_old_key() {
    let promise = broken(Maker::Provider, Without::Settling);
    assert_eq!(promise.as_deref(), Some(KEY_LOST));
}

#[test]
fn an_unknown_signature_is_looked_up() {
    let promise = broken(Maker::Provider, Without::Reread);
    assert_eq!(promise.as_deref(), Some(REJECTED));
}

#[test]
fn a_secret_is_durable_before_it_is_sent() {
    let promise = broken(Maker::Service, Without::DurableFirst);
    assert_eq!(promise.as_deref(), Some(SECRET_LOST));
}

#[test]
fn a_replica_without_the_store_rejects_nothing_for_good() {
    let promise = broken(Maker::Provider, Without::StoreNeeded);
    assert_eq!(promise.as_deref(), Some(REJECTED));
}

#[test]
fn no_secret_goes_while_an_old_put_may_arrive() {
    let promise = broken(Maker::Service, Without::Settled);
    assert_eq!(promise.as_deref(), Some(SECRET_LOST));
}

#[test]
fn nothing_is_rejected_for_good_while_a_request_may_arrive() {
    let promise = broken(Maker::Provider, Without::Unsettled503);
    assert_eq!(promise.as_deref(), Some(REJECTED));
}

const KEY_LOST: &str = "6: a key is replaced that nobody has read";
const REJECTED: &str = "5: a genuine delivery is rejected";
const SECRET_LOST: &str = "4: the current key isn't accepted";
