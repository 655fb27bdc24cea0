//! Whatever an error response looks like, its status, headers, `Retry-After` and bytes reach the
//! caller, and the outcome is right.

use crate::support;

use std::time::{Duration, SystemTime};

use support::{head, response, Operation, Script, Server, HASTE, PATIENCE};
use webhook_subscriptions::{Error, ErrorKind, Outcome};

/// The error statuses that the documents name.
fn documented(operation: Operation) -> &'static [u16] {
    match operation {
        Operation::SharedKey => &[401, 403, 404, 429],
        Operation::Subscription => &[400, 401, 403, 404, 405, 406, 415, 500],
    }
}

/// Statuses that no document names and gateways send all the same.
const UNDOCUMENTED: [u16; 16] = [
    300, 301, 302, 303, 305, 307, 308, 408, 409, 418, 499, 500, 502, 503, 504, 599,
];

/// Bodies of every kind: as documented and as not.
const BODIES: [&[u8]; 12] = [
    br#"{"type":"permissions_error","detail":"You do not have permission."}"#,
    br#"{"name":"ValidationError","message":"Error while validating the JWT token."}"#,
    br#"{"type":"permissions_error","detail":{"role":["must be admin"]}}"#,
    br#"{"something":["else"]}"#,
    b"{}",
    b"null",
    b"7",
    b"Bad Gateway",
    b"<html><body>Request unsuccessful. Incapsula incident</body></html>",
    b"",
    b"\xff\xfe\x00 is not UTF-8",
    br#"{"type":"throttled","detail":"Requ"#,
];

/// Every status of every operation, with every body, and what came of it.
async fn every_error() -> Vec<(Operation, u16, &'static [u8], Error)> {
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        for status in documented(operation).iter().chain(&UNDOCUMENTED).copied() {
            for body in BODIES {
                let headers = [("retry-after", "13"), ("x-request-id", "req-1")];
                let error = operation.error(response(status, &headers, body)).await;
                errors.push((operation, status, body, error));
            }
        }
    }
    errors
}

#[tokio::test]
async fn the_status_is_there() {
    for (operation, status, body, error) in every_error().await {
        let seen = error.status().map(|status| status.as_u16());
        assert_eq!(seen, Some(status), "{operation:?} {body:?}");
    }
}

#[tokio::test]
async fn the_headers_are_there() {
    for (operation, status, body, error) in every_error().await {
        let seen = error
            .headers()
            .and_then(|headers| headers.get("retry-after"));
        assert_eq!(seen.unwrap(), "13", "{operation:?} {status} {body:?}");
    }
}

#[tokio::test]
async fn the_request_id_is_there() {
    for (operation, status, body, error) in every_error().await {
        assert_eq!(
            error.request_id(),
            Some("req-1"),
            "{operation:?} {status} {body:?}"
        );
    }
}

#[tokio::test]
async fn the_raw_bytes_are_there() {
    for (operation, status, body, error) in every_error().await {
        assert_eq!(error.body(), Some(body), "{operation:?} {status}");
    }
}

#[tokio::test]
async fn retry_after_in_seconds_is_there() {
    for (operation, status, body, error) in every_error().await {
        let seen = error.retry_after();
        assert_eq!(
            seen,
            Some(Duration::from_secs(13)),
            "{operation:?} {status} {body:?}"
        );
    }
}

#[tokio::test]
async fn retry_after_as_a_date_is_there() {
    for operation in Operation::ALL {
        let now = SystemTime::now();
        let date = httpdate::fmt_http_date(now);
        let until = httpdate::fmt_http_date(now + Duration::from_secs(90));
        let headers = [("date", date.as_str()), ("retry-after", until.as_str())];
        let error = operation.error(response(429, &headers, "")).await;
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(90)),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn the_problem_never_fails() {
    for (operation, status, body, error) in every_error().await {
        let known = body.starts_with(br#"{"type":"perm"#) || body.starts_with(br#"{"name""#);
        let read = error.problem().name().is_some();
        assert_eq!(read, known, "{operation:?} {status} {body:?}");
    }
}

#[tokio::test]
async fn a_status_is_a_rejection_only_where_no_gateway_sends_it_after_the_server_acted() {
    for (operation, status, body, error) in every_error().await {
        let expected = match status {
            408 | 499 => Outcome::Unknown,
            307 | 308 | 400..=499 => Outcome::Rejected,
            _ => Outcome::Unknown,
        };
        assert_eq!(error.outcome(), expected, "{operation:?} {status} {body:?}");
    }
}

#[tokio::test]
async fn a_503_is_unknown_whatever_wait_it_names() {
    for headers in [
        &[][..],
        &[("retry-after", "soon")][..],
        &[("retry-after", "5")][..],
    ] {
        for operation in Operation::ALL {
            let error = operation.error(response(503, headers, "")).await;
            assert_eq!(
                error.outcome(),
                Outcome::Unknown,
                "{operation:?} {headers:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_status_has_a_kind_of_its_own() {
    for (operation, status, body, error) in every_error().await {
        let seen = error.kind();
        assert_eq!(
            seen,
            ErrorKind::ErrorStatus,
            "{operation:?} {status} {body:?}"
        );
    }
}

#[tokio::test]
async fn a_body_cut_short_keeps_its_status_and_headers() {
    for (operation, status, error) in cut_short().await {
        let seen = (
            error.status().map(|status| status.as_u16()),
            error.request_id(),
        );
        assert_eq!(
            seen,
            (Some(status), Some("req-1")),
            "{operation:?} {status}"
        );
    }
}

#[tokio::test]
async fn a_body_cut_short_keeps_what_came_of_it() {
    for (operation, status, error) in cut_short().await {
        let expected = br#"{"type":"auth"#.as_slice();
        assert_eq!(error.body(), Some(expected), "{operation:?} {status}");
    }
}

#[tokio::test]
async fn a_body_cut_short_changes_nothing_about_the_outcome() {
    for (operation, status, error) in cut_short().await {
        let expected = match status {
            500 => Outcome::Unknown,
            _ => Outcome::Rejected,
        };
        assert_eq!(error.outcome(), expected, "{operation:?} {status}");
    }
}

#[tokio::test]
async fn a_body_that_stalls_changes_nothing_about_the_outcome() {
    for operation in Operation::ALL {
        let server = Server::start(Script::stall_after(head(403, &[], 80))).await;
        let error = operation
            .call_within(&server.base_url(), HASTE)
            .await
            .unwrap_err();
        let seen = (error.outcome(), error.is_timeout());
        assert_eq!(seen, (Outcome::Rejected, true), "{operation:?}");
    }
}

/// Each documented error, of which a part of the body comes before the connection closes.
async fn cut_short() -> Vec<(Operation, u16, Error)> {
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        for status in documented(operation).iter().copied() {
            let mut answer = head(status, &[("x-request-id", "req-1")], 80);
            answer.extend_from_slice(br#"{"type":"auth"#);
            errors.push((operation, status, operation.error(answer).await));
        }
    }
    errors
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for operation in Operation::ALL {
        let mut elsewhere = Server::start(Script::answer(response(200, &[], ""))).await;
        let location = elsewhere.base_url();
        let answer = response(307, &[("location", &location)], "");
        let server = Server::answering(answer).await;
        operation
            .call_within(&server.base_url(), PATIENCE)
            .await
            .unwrap_err();
        assert_eq!(elsewhere.requests(), 0, "{operation:?}");
    }
}
