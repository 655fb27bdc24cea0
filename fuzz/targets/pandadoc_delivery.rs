//! The body of a PandaDoc delivery.

#![no_main]

use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::pandadoc::delivery::{events, Delivered};

fuzz_target!(|body: &[u8]| {
    if let Ok(delivered) = events(body) {
        for delivered in delivered {
            let json = serde_json::to_value(&delivered).ok();
            match delivered {
                // Every event has a name, which is written as it was read.
                Delivered::Event(event) => {
                    let name = json.map(|event| event["event"].clone());
                    assert_eq!(name, Some(event.event.as_str().into()));
                }
                Delivered::Other(other) => assert_eq!(json, Some(other)),
            }
        }
    }
});
