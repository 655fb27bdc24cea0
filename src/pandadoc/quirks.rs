//! The rules that only PandaDoc has.

use std::time::Duration;

use http::HeaderMap;
use serde::Deserialize;

use crate::runtime::Quirks;

pub(super) const QUIRKS: Quirks = Quirks {
    // This PATCH sets the values that it names. The one of the shared key makes another key each time.
    idempotent: &["update_webhook_subscription"],
    reads: &[],
    is_own_not_found,
    rejects_credential: |_| false,
    wait_in_message,
};

/// Recognizes `{"type": "request_error", "detail": "Not found"}`. Source: `components.responses.404` of
/// PandaDoc's document.
fn is_own_not_found(_: &HeaderMap, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct NotFound {
        r#type: String,
        #[serde(rename = "detail")]
        _detail: String,
    }
    let body = serde_json::from_slice::<NotFound>(body);
    body.is_ok_and(|body| body.r#type == "request_error")
}

/// Reads "Request was throttled. Expected available in 13 seconds." PandaDoc sends this sentence and doesn't
/// document it.
fn wait_in_message(message: &str) -> Option<Duration> {
    let (_, rest) = message.split_once("available in ")?;
    let (seconds, unit) = rest.split_once(' ')?;
    let seconds = unit.starts_with("second").then(|| seconds.parse().ok())??;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_seconds_are_read_from_the_message() {
        let wait = |n: &str| wait_in_message(&format!("Throttled. Expected available in {n}"));
        let seen = [
            "13 seconds.",
            "1 second.",
            "-1 seconds",
            "1.5 seconds",
            "3 minutes",
            "",
        ];
        let expected = [Some(13), Some(1), None, None, None, None];
        assert_eq!(seen.map(wait), expected.map(|s| s.map(Duration::from_secs)));
    }
}
