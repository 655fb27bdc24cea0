//! The status of an error decides its outcome, whatever the request.
//!
//! `error_answers` lacks requests with a query, without a result, and with a body that creates.

use webhook_subscriptions::pandadoc::types::ListWebhookEventRequest;
use webhook_subscriptions::{Error, Outcome};

use super::{id, pandadoc, ratepay};
use crate::support::{self, response, Server};

/// The outcome of calls that are answered with this status: with a query, with no result, and with a
/// body that creates.
async fn outcomes(status: u16) -> [(Option<u16>, Outcome); 3] {
    let server = Server::answering(response(status, &[], "<html>")).await;
    let client = pandadoc(&server.base_url());
    let subscriptions = ratepay(&server.base_url());
    let seen = |error: Error| {
        (
            error.status().map(|status| status.as_u16()),
            error.outcome(),
        )
    };
    [
        seen(
            client
                .list_webhook_event(&ListWebhookEventRequest::new(1, 1))
                .await
                .unwrap_err(),
        ),
        seen(client.delete_webhook_subscription(&id()).await.unwrap_err()),
        seen(
            subscriptions
                .create_subscription(&support::subscription())
                .await
                .unwrap_err(),
        ),
    ]
}

#[tokio::test]
async fn refusals_keep_their_status_and_are_rejections() {
    for status in [307, 400, 401, 403, 404, 405, 406, 415, 429] {
        assert_eq!(
            outcomes(status).await,
            [(Some(status), Outcome::Rejected); 3],
            "{status}"
        );
    }
}

#[tokio::test]
async fn failures_keep_their_status_and_are_unknown() {
    for status in [301, 303, 408, 500, 502, 503] {
        assert_eq!(
            outcomes(status).await,
            [(Some(status), Outcome::Unknown); 3],
            "{status}"
        );
    }
}
