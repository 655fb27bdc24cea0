//! The status, headers, `Retry-After` and bytes of every error response reach the caller, and the outcome is
//! right.

use std::time::{Duration, SystemTime};

use crate::support::{head, response, Operation, Script, Server, HASTE, PATIENCE};
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

/// An error response, and the error that a call returned for it.
struct Answered {
    operation: Operation,
    status: u16,
    body: &'static [u8],
    error: Error,
}

impl Answered {
    fn status_and_id(&self) -> (Option<u16>, Option<&str>) {
        let status = self.error.status().map(|status| status.as_u16());
        (status, self.error.request_id())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.error.headers()?.get(name)?.to_str().ok()
    }

    /// Whether the body names what went wrong as one of the documents says.
    fn has_documented_name(&self) -> bool {
        self.body.starts_with(br#"{"type":"perm"#) || self.body.starts_with(br#"{"name""#)
    }
}

/// A promise about an error response, and the check that shows it.
type Promise = (&'static str, fn(&Answered) -> bool);

/// The promises about every status with every body.
const OF_EVERY_ERROR: [Promise; 7] = [
    ("the status and the request id are there", |it| {
        it.status_and_id() == (Some(it.status), Some("req-1"))
    }),
    ("the headers are there", |it| {
        it.header("retry-after") == Some("13")
    }),
    ("the raw bytes are there", |it| {
        it.error.body() == Some(it.body)
    }),
    ("`Retry-After` in seconds is there", |it| {
        it.error.retry_after() == Some(Duration::from_secs(13))
    }),
    ("the problem has a name exactly when the body has", |it| {
        it.error.problem().name().is_some() == it.has_documented_name()
    }),
    (
        "a status is a rejection only where no gateway sends it after the server acted",
        |it| {
            let expected = match it.status {
                408 | 499 => Outcome::Unknown,
                307 | 308 | 400..=499 => Outcome::Rejected,
                _ => Outcome::Unknown,
            };
            it.error.outcome() == expected
        },
    ),
    ("an error status has its own kind", |it| {
        it.error.kind() == ErrorKind::ErrorStatus
    }),
];

/// The promises about a body that was cut short.
const OF_A_BODY_CUT_SHORT: [Promise; 3] = [
    ("it keeps its status and headers", |it| {
        it.status_and_id() == (Some(it.status), Some("req-1"))
    }),
    ("it keeps the bytes that came", |it| {
        it.error.body() == Some(it.body)
    }),
    ("it changes nothing about the outcome", |it| {
        let expected = match it.status {
            500 => Outcome::Unknown,
            _ => Outcome::Rejected,
        };
        it.error.outcome() == expected
    }),
];

/// The promises that these errors break.
fn broken(promises: &[Promise], errors: &[Answered]) -> Vec<String> {
    let broken = promises.iter().flat_map(|(promise, is_kept)| {
        let errors = errors.iter().filter(|it| !is_kept(it));
        errors.map(move |it| {
            let body = String::from_utf8_lossy(it.body);
            let Answered {
                operation,
                status,
                error,
                ..
            } = it;
            format!("{promise}, but not after {operation:?} {status} {body}: {error:?}")
        })
    });
    broken.collect()
}

/// Every status of every operation with every body.
async fn every_error() -> Vec<Answered> {
    let headers = [("retry-after", "13"), ("x-request-id", "req-1")];
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        for status in documented(operation).iter().chain(&UNDOCUMENTED).copied() {
            for body in BODIES {
                let error = operation.error(response(status, &headers, body)).await;
                errors.push(Answered {
                    operation,
                    status,
                    body,
                    error,
                });
            }
        }
    }
    errors
}

/// Each documented error, of which a part of the body comes before the connection closes.
async fn cut_short() -> Vec<Answered> {
    let body = br#"{"type":"auth"#.as_slice();
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        for status in documented(operation).iter().copied() {
            let mut answer = head(status, &[("x-request-id", "req-1")], 80);
            answer.extend_from_slice(body);
            let error = operation.error(answer).await;
            errors.push(Answered {
                operation,
                status,
                body,
                error,
            });
        }
    }
    errors
}

#[tokio::test]
async fn every_error_response_reaches_the_caller() {
    assert_eq!(
        broken(&OF_EVERY_ERROR, &every_error().await),
        [""; 0],
        "promises that were broken"
    );
}

#[tokio::test]
async fn an_error_response_cut_short_reaches_the_caller() {
    assert_eq!(
        broken(&OF_A_BODY_CUT_SHORT, &cut_short().await),
        [""; 0],
        "promises that were broken"
    );
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
