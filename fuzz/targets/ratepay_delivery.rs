//! The body of a Ratepay delivery.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use webhook_subscriptions::ratepay::delivery::parse;

fuzz_target!(|body: &[u8]| {
    // Only JSON is a delivery, and any JSON is.
    let json = serde_json::from_slice::<Value>(body).is_ok();
    assert_eq!(parse(body).is_ok(), json);
});
