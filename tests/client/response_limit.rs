//! No response takes more memory than the limit allows.

use crate::support::{self, pandadoc, response, Operation, Server, PATIENCE, UUID};
use webhook_subscriptions::{pandadoc, Error, Outcome};

const LIMIT: usize = 1024 * 1024;
const TEN_MEGABYTES: usize = 10 * LIMIT;

/// The error of a call that is answered with `status` and a body of 10 MB.
async fn error(operation: Operation, status: u16) -> Error {
    operation
        .error(response(status, &[], vec![b'x'; TEN_MEGABYTES]))
        .await
}

#[tokio::test]
async fn of_an_error_body_no_more_than_the_limit_is_kept() {
    for operation in Operation::ALL {
        let kept = error(operation, 502).await.body().map(<[u8]>::len);
        assert_eq!(kept, Some(LIMIT), "{operation:?}");
    }
}

#[tokio::test]
async fn an_error_with_a_large_body_is_still_that_error() {
    for operation in Operation::ALL {
        assert_eq!(
            error(operation, 403).await.outcome(),
            Outcome::Rejected,
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn a_success_with_a_large_body_is_a_lost_result() {
    for operation in Operation::ALL {
        assert_eq!(
            error(operation, 200).await.outcome(),
            Outcome::Applied,
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn a_large_body_without_a_length_is_cut_too() {
    let mut answer = b"HTTP/1.1 502 Said\r\nconnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + TEN_MEGABYTES, b'x');
    let error = Operation::SharedKey.error(answer).await;
    assert_eq!(error.body().map(<[u8]>::len), Some(LIMIT));
}

#[tokio::test]
async fn a_body_as_large_as_the_limit_is_read_whole() {
    let body = Operation::SharedKey.success();
    let server = Server::answering(response(200, &[], &body)).await;
    let client = pandadoc::Client::builder()
        .base_url(server.base_url())
        .api_key(support::API_KEY)
        .response_limit(body.len())
        .build()
        .unwrap();
    let id = UUID.parse().unwrap();
    assert!(client
        .update_webhook_subscription_shared_key(&id)
        .await
        .is_ok());
}

#[tokio::test]
async fn the_limit_is_1_mib_unless_set() {
    let mut body = Operation::SharedKey.success();
    body.push_str(&" ".repeat(LIMIT - body.len()));
    let server = Server::answering(response(200, &[], &body)).await;
    let client = pandadoc(&server.base_url(), PATIENCE);
    let id = UUID.parse().unwrap();
    assert!(client
        .update_webhook_subscription_shared_key(&id)
        .await
        .is_ok());
}
