//! A success without its key is an error that says that the server acted, and never a success.

use crate::support::{self, head, response, Operation, Script, Server, SHARED_KEY};
use webhook_subscriptions::{Error, ErrorKind, Outcome};

/// Bodies of a 200 that hold no usable key.
const UNUSABLE: [&[u8]; 14] = [
    b"",
    b"{}",
    b"null",
    b"7",
    b"[]",
    br#""DgwSJeYa2h5SCmzVZws2UM""#,
    br#"{"shared_key":null,"secret":null}"#,
    br#"{"shared_key":"","secret":""}"#,
    br#"{"shared_key":7,"secret":7}"#,
    br#"{"sharedKey":"DgwSJeYa2h5SCmzVZws2UM"}"#,
    br#"{"shared_key":"DgwSJeYa2h5SC"#,
    b"<html>DgwSJeYa2h5SCmzVZws2UM</html>",
    b"\xff\xfe DgwSJeYa2h5SCmzVZws2UM",
    br#"{"shared_key":"DgwSJeYa2h5SCmzVZws2UM","secret":"x"} and more"#,
];

/// A success without its key, and the error that a call returned for it.
struct Lost {
    operation: Operation,
    body: Vec<u8>,
    error: Error,
}

/// A promise about every such success, and the check that shows it.
type Promise = (&'static str, fn(&Lost) -> bool);

const PROMISES: [Promise; 5] = [
    ("a 200 without its key is applied", |it| {
        it.error.outcome() == Outcome::Applied
    }),
    ("it keeps its status and headers", |it| {
        let status = it.error.status().map(|status| status.as_u16());
        (status, it.error.request_id()) == (Some(200), Some("req-1"))
    }),
    ("its bytes can be exposed", |it| {
        it.error.expose_success_body() == Some(it.body.as_slice())
    }),
    ("its bytes are not those of an error response", |it| {
        it.error.body().is_none()
    }),
    ("it has its own kind", |it| {
        it.error.kind() == ErrorKind::UnusableSuccess
    }),
];

async fn errors() -> Vec<Lost> {
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        let mut add = async |body: &[u8], answer: Vec<u8>| {
            errors.push(Lost {
                operation,
                body: body.to_vec(),
                error: operation.error(answer).await,
            });
        };
        let headers = [("x-request-id", "req-1")];
        for body in UNUSABLE {
            add(body, response(200, &headers, body)).await;
        }
        // Announced longer than it is, and the connection closes.
        let body = operation.success();
        let mut cut = head(200, &headers, body.len() + 1);
        cut.extend_from_slice(body.as_bytes());
        add(body.as_bytes(), cut).await;
    }
    errors
}

#[tokio::test]
async fn every_success_without_its_key_is_an_error_that_says_so() {
    let mut broken = Vec::new();
    for it in errors().await {
        let (operation, body) = (it.operation, String::from_utf8_lossy(&it.body));
        for (promise, is_kept) in PROMISES {
            if !is_kept(&it) {
                let error = &it.error;
                broken.push(format!(
                    "{promise}, but not after {operation:?} {body}: {error:?}"
                ));
            }
        }
    }
    assert_eq!(broken, [""; 0], "promises that were broken");
}

#[tokio::test]
async fn a_success_that_the_operation_does_not_document_is_applied() {
    for operation in Operation::ALL {
        for status in [201, 202, 204, 299] {
            let answer = match status {
                204 => b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec(),
                _ => response(status, &[], operation.success()),
            };
            let error = operation.error(answer).await;
            assert_eq!(error.outcome(), Outcome::Applied, "{operation:?} {status}");
        }
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_applied_once_time_runs_out() {
    for operation in Operation::ALL {
        let server = Server::start(Script::stall_after(head(200, &[], 100))).await;
        let error = operation
            .call_within(&server.base_url(), support::HASTE)
            .await
            .unwrap_err();
        assert_eq!(
            (error.outcome(), error.is_timeout()),
            (Outcome::Applied, true),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn members_that_nobody_knows_of_do_no_harm() {
    let body = format!(r#"{{"shared_key":"{SHARED_KEY}","valid_from":null,"more":[1]}}"#);
    let server = Server::answering(response(200, &[], body)).await;
    let key = Operation::SharedKey.call(&server.base_url()).await.unwrap();
    assert_eq!(key.expose_secret(), SHARED_KEY);
}
