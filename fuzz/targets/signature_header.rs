//! Ratepay's signature in the headers of a request.

#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::verify::{Ratepay, Signature};

// One value in each line.
fuzz_target!(|lines: &[u8]| {
    let values: Vec<_> = lines
        .split(|&byte| byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let mut headers = HeaderMap::new();
    for value in &values {
        headers.append(Ratepay::HEADER, value.clone());
    }
    if let Ok(signature) = Signature::from_headers(&headers) {
        let [value] = values.as_slice() else {
            panic!("a signature of {} values", values.len());
        };
        let sent = value.to_str().map(str::to_ascii_lowercase);
        assert_eq!(sent.ok(), Some(signature.to_string()));
    }
});
