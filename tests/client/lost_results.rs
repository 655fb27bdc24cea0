//! A success without its key is an error that says that the server acted, and never a success.

use crate::support;

use support::{head, response, Operation, Script, Server, SHARED_KEY};
use webhook_subscriptions::{Error, ErrorKind, Outcome};

/// Bodies of a 200 from which no key can be had.
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

async fn errors() -> Vec<(Operation, Vec<u8>, Error)> {
    let mut errors = Vec::new();
    for operation in Operation::ALL {
        for body in UNUSABLE {
            let error = operation
                .error(response(200, &[("x-request-id", "req-1")], body))
                .await;
            errors.push((operation, body.to_vec(), error));
        }
        // Announced longer than it is, and the connection closes.
        let body = operation.success().into_bytes();
        let mut cut = head(200, &[("x-request-id", "req-1")], body.len() + 1);
        cut.extend_from_slice(&body);
        errors.push((operation, body, operation.error(cut).await));
    }
    errors
}

#[tokio::test]
async fn a_200_without_its_key_is_applied() {
    for (operation, body, error) in errors().await {
        let body = String::from_utf8_lossy(&body);
        assert_eq!(error.outcome(), Outcome::Applied, "{operation:?} {body}");
    }
}

#[tokio::test]
async fn a_200_without_its_key_keeps_status_and_headers() {
    for (operation, body, error) in errors().await {
        let body = String::from_utf8_lossy(&body);
        let seen = (
            error.status().map(|status| status.as_u16()),
            error.request_id(),
        );
        assert_eq!(seen, (Some(200), Some("req-1")), "{operation:?} {body}");
    }
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
async fn the_bytes_of_a_lost_result_can_still_be_had() {
    for (operation, body, error) in errors().await {
        assert_eq!(
            error.expose_success_body(),
            Some(body.as_slice()),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn the_bytes_of_a_lost_result_are_not_among_those_of_error_responses() {
    for (operation, body, error) in errors().await {
        let body = String::from_utf8_lossy(&body);
        assert_eq!(error.body(), None, "{operation:?} {body}");
    }
}

#[tokio::test]
async fn a_lost_result_has_a_kind_of_its_own() {
    for (operation, body, error) in errors().await {
        let body = String::from_utf8_lossy(&body);
        assert_eq!(
            error.kind(),
            ErrorKind::UnusableSuccess,
            "{operation:?} {body}"
        );
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
