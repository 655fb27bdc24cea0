//! The body of a Ratepay delivery.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use webhook_subscriptions::ratepay::delivery::Delivery;

fuzz_target!(|body: &[u8]| {
    // Any JSON is a delivery, and nothing else is.
    let json = serde_json::from_slice::<Value>(body).is_ok();
    assert_eq!(Delivery::from_slice(body).is_ok(), json);
});
