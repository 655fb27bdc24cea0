//! The id of a PandaDoc delivery.

#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::pandadoc::delivery::{event_id, EVENT_ID};

fuzz_target!(|value: &[u8]| {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        let mut headers = HeaderMap::from_iter([(EVENT_ID, value.clone())]);
        let _ = event_id(&headers);
        headers.append(EVENT_ID, value);
        assert_eq!(event_id(&headers), None, "one id of two values");
    }
});
