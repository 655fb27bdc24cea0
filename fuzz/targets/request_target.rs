//! PandaDoc's signature in a request target.

#![no_main]

use libfuzzer_sys::fuzz_target;
use webhook_subscriptions::verify::Signature;

fuzz_target!(|target: &str| {
    let Ok(signature) = Signature::from_target(target) else {
        return;
    };
    // The target has exactly one signature: appended to the same target, it is a duplicate.
    assert!(target.contains('?'), "a signature without a query");
    assert!(Signature::from_target(&signature.append_to(target)).is_err());
    let again = Signature::from_target(&signature.append_to("/")).map(|again| again.to_string());
    assert_eq!(again, Ok(signature.to_string()));
});
