//! The body of a PandaDoc delivery.

#![no_main]

use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::pandadoc::delivery::{parse, EventOrOther};

fuzz_target!(|body: &[u8]| {
    if let Ok(elements) = parse(body) {
        for element in elements {
            let json = serde_json::to_value(&element).ok();
            match element {
                // Every event has a name, which is serialized as it was read.
                EventOrOther::Event(event) => {
                    let name = json.map(|event| event["event"].clone());
                    assert_eq!(name, Some(event.event.as_str().into()));
                }
                EventOrOther::Other(other) => assert_eq!(json, Some(other)),
                other => panic!("neither an event nor other JSON: {other:?}"),
            }
        }
    }
});
