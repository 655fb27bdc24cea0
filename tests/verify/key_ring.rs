//! Any key that is valid verifies, and no other; the result says which it was and for how long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey, Signature, VerifyErrorKind};
use webhook_subscriptions::Secret;

const BODY: &[u8] = b"[]";
const MOMENT: Duration = Duration::from_nanos(1);

fn key(text: &str) -> Key<PandaDoc> {
    Key::new(Secret::from(text)).unwrap()
}

fn signed_with(text: &str) -> Signature<PandaDoc> {
    key(text).sign(BODY)
}

/// A key whose name is its text.
fn named(text: &str) -> RingKey<PandaDoc> {
    RingKey::new(text, key(text))
}

/// The clock of these tests, by the second.
fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

/// The result of a delivery signed with `text`: the name of the key, or what is wrong.
fn outcome(
    ring: &KeyRing<PandaDoc>,
    text: &str,
    now: SystemTime,
) -> Result<String, VerifyErrorKind> {
    match ring.verify(BODY, &signed_with(text), now) {
        Ok(verified) => Ok(verified.key_id().to_owned()),
        Err(error) => Err(error.kind()),
    }
}

#[test]
fn a_key_is_valid_at_its_beginning() {
    let ring = KeyRing::new([named("key").valid_from(at(100))]).unwrap();
    assert_eq!(outcome(&ring, "key", at(100)), Ok("key".to_owned()));
}

#[test]
fn a_key_is_not_valid_a_moment_before_its_beginning() {
    let ring = KeyRing::new([named("key").valid_from(at(100))]).unwrap();
    let outcome = outcome(&ring, "key", at(100) - MOMENT);
    assert_eq!(outcome, Err(VerifyErrorKind::NoActiveKey));
}

#[test]
fn a_key_is_valid_a_moment_before_its_end() {
    let ring = KeyRing::new([named("key").valid_until(at(100))]).unwrap();
    assert_eq!(
        outcome(&ring, "key", at(100) - MOMENT),
        Ok("key".to_owned())
    );
}

#[test]
fn a_key_is_not_valid_at_its_end() {
    let ring = KeyRing::new([named("key").valid_until(at(100))]).unwrap();
    let outcome = outcome(&ring, "key", at(100));
    assert_eq!(outcome, Err(VerifyErrorKind::NoActiveKey));
}

#[test]
fn a_key_that_ends_before_it_begins_is_never_valid() {
    let ring = KeyRing::new([named("key").valid_from(at(100)).valid_until(at(99))]).unwrap();
    for second in 98..=101 {
        let outcome = outcome(&ring, "key", at(second));
        assert_eq!(outcome, Err(VerifyErrorKind::NoActiveKey), "{second}");
    }
}

#[test]
fn a_key_whose_time_is_over_leaves_the_others_in_force() {
    let ring = KeyRing::new([named("new"), named("old").valid_until(at(100))]).unwrap();
    assert_eq!(outcome(&ring, "new", at(100)), Ok("new".to_owned()));
    assert_eq!(
        outcome(&ring, "old", at(100)),
        Err(VerifyErrorKind::NoMatch)
    );
}

#[test]
fn the_result_says_how_long_the_key_is_still_valid() {
    let ring = KeyRing::new([named("key").valid_until(at(100))]).unwrap();
    let verified = ring.verify(BODY, &signed_with("key"), at(40)).unwrap();
    assert_eq!(verified.valid_for(), Some(Duration::from_secs(60)));
    assert_eq!(verified.valid_until(), Some(at(100)));
}

#[test]
fn a_key_without_an_end_is_valid_for_no_stated_time() {
    let ring = KeyRing::new([named("key")]).unwrap();
    let verified = ring.verify(BODY, &signed_with("key"), at(40)).unwrap();
    assert_eq!((verified.valid_for(), verified.valid_until()), (None, None));
}

#[test]
fn an_empty_ring_verifies_nothing() {
    let outcome = outcome(&KeyRing::default(), "key", at(0));
    assert_eq!(outcome, Err(VerifyErrorKind::NoActiveKey));
}

#[test]
fn what_replaces_the_keys_of_a_ring_is_in_its_clones() {
    let ring = KeyRing::new([named("old")]).unwrap();
    let clone = ring.clone();
    ring.replace([named("new")]).unwrap();
    assert_eq!(outcome(&clone, "new", at(0)), Ok("new".to_owned()));
    assert_eq!(outcome(&clone, "old", at(0)), Err(VerifyErrorKind::NoMatch));
}

#[test]
fn two_keys_of_one_id_are_refused_whatever_they_are() {
    for keys in [
        [named("a"), named("b"), named("a")],
        // Not even the same key, and not valid at the same time.
        [
            RingKey::new("a", key("1")).valid_until(at(1)),
            RingKey::new("a", key("2")).valid_from(at(1)),
            named("b"),
        ],
    ] {
        let refused = KeyRing::new(keys).unwrap_err();
        assert_eq!(refused.id(), "a");
    }
}

#[test]
fn keys_of_one_id_leave_a_ring_as_it_was() {
    let ring = KeyRing::new([named("old")]).unwrap();
    ring.replace([named("new"), named("new")]).unwrap_err();
    assert_eq!(outcome(&ring, "old", at(0)), Ok("old".to_owned()));
    assert_eq!(outcome(&ring, "new", at(0)), Err(VerifyErrorKind::NoMatch));
}

#[test]
fn a_clock_that_goes_back_makes_an_expired_key_valid_again() {
    let ring = KeyRing::new([named("key").valid_until(at(100))]).unwrap();
    let times = [99, 100, 99].map(|second| outcome(&ring, "key", at(second)).is_ok());
    assert_eq!(times, [true, false, true]);
}

/// A window of up to ten seconds in the first twenty, open at either end or not.
fn window() -> impl Strategy<Value = (Option<u64>, Option<u64>)> {
    (
        proptest::option::of(0..20_u64),
        proptest::option::of(0..20_u64),
    )
}

proptest! {
    #[test]
    fn in_any_order_the_key_that_signed_is_the_one_that_is_named(
        (order, signer) in (1..8_usize).prop_flat_map(|count| {
            (Just(Vec::from_iter(0..count)).prop_shuffle(), 0..count)
        }),
    ) {
        let names = order.iter().map(|number| format!("key {number}"));
        let ring = KeyRing::new(names.map(|name| named(&name))).unwrap();
        let signer = format!("key {signer}");
        prop_assert_eq!(outcome(&ring, &signer, at(0)), Ok(signer));
    }

    #[test]
    fn a_key_verifies_from_its_beginning_until_its_end_and_at_no_other_time(
        windows in proptest::collection::vec(window(), 1..5),
        second in 0..22_u64,
    ) {
        let name = |number: usize| format!("key {number}");
        let keys = windows.iter().enumerate().map(|(number, (from, until))| {
            let key = named(&name(number));
            let key = from.map_or(key.clone(), |from| key.valid_from(at(from)));
            until.map_or(key.clone(), |until| key.valid_until(at(until)))
        });
        let ring = KeyRing::new(keys).unwrap();
        let valid = |(from, until): &(Option<u64>, Option<u64>)| {
            from.unwrap_or(0) <= second && second < until.unwrap_or(u64::MAX)
        };
        for (number, window) in windows.iter().enumerate() {
            let expected = if valid(window) {
                Ok(name(number))
            } else if windows.iter().any(valid) {
                Err(VerifyErrorKind::NoMatch)
            } else {
                Err(VerifyErrorKind::NoActiveKey)
            };
            prop_assert_eq!(outcome(&ring, &name(number), at(second)), expected);
        }
    }
}
