//! The body of a PandaDoc delivery.

#![no_main]

use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::pandadoc::delivery::events;

fuzz_target!(|body: &[u8]| {
    if let Ok(events) = events(body) {
        // Every event has a name, which is written as it was read.
        for event in events {
            let name = serde_json::to_value(&event).map(|event| event["event"].clone());
            assert_eq!(name.ok(), Some(event.event.as_str().into()));
        }
    }
});
