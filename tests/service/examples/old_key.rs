//! The example `receiver` accepts an old key until the time that its variable gives.

use std::time::{Duration, UNIX_EPOCH};

use webhook_subscriptions::verify::{Key, PandaDoc};
use webhook_subscriptions::Secret;

use super::receiver::{Keys, OldKey};

/// Whether a receiver that starts now accepts the old key at this time after 1970.
fn accepted_at(seconds: u64) -> bool {
    let until = Some("2026-01-31T12:00:00Z".to_owned());
    let old = OldKey::new("OLD", Some("old".to_owned()), until).unwrap();
    let ring = Keys { new: None, old }.ring::<PandaDoc>().unwrap();
    let signature = Key::new(Secret::from("old")).unwrap().sign(b"[]");
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    ring.verify(b"[]", &signature, now).is_ok()
}

#[test]
fn an_old_key_ends_at_its_time_whenever_the_receiver_starts() {
    // By `date --date 2026-01-31T12:00:00Z +%s`.
    let until = 1_769_860_800;
    assert_eq!((accepted_at(until - 1), accepted_at(until)), (true, false));
}

#[test]
fn an_old_key_without_its_end_is_refused_by_the_name_of_the_variable() {
    for until in [None, Some("tomorrow".to_owned())] {
        let refused = OldKey::new("OLD", Some("old".to_owned()), until.clone());
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("OLD_VALID_UNTIL"), "{error}");
    }
}
