//! If no response comes, the error says whether the request was sent.

use std::future::ready;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use crate::support::{self, response, Operation, Script, Server, HASTE, PATIENCE};
use tokio::net::{TcpSocket, TcpStream};
use webhook_subscriptions::{pandadoc, Error, ErrorKind, Outcome, RetryPolicy};

/// The error of a call to a server that follows `script`, in not more than `HASTE`.
async fn error(operation: Operation, script: Script) -> Error {
    let server = Server::start(script).await;
    operation
        .call_within(&server.base_url(), HASTE)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    for operation in Operation::ALL {
        // A port that was free a moment ago, and that nobody listens on.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = operation.call(&base_url).await.unwrap_err();
        assert_eq!(
            error.outcome(),
            Outcome::NotSent,
            "{operation:?}: {error:?}"
        );
    }
}

/// Fails to resolve any name, as where there is no network.
struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(ready(Err("no such name".into())))
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_not_sent() {
    let client = pandadoc::Client::builder()
        .base_url("http://localhost:1")
        .api_key(support::API_KEY)
        .configure_http(|http| http.dns_resolver(Arc::new(NoNames)))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let id = support::UUID.parse().unwrap();
    let result = client.update_webhook_subscription_shared_key(&id).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_connection_closed_before_the_request_is_not_sent() {
    for operation in Operation::ALL {
        let error = error(operation, Script::close_at_once()).await;
        assert_eq!(
            error.outcome(),
            Outcome::NotSent,
            "{operation:?}: {error:?}"
        );
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_tls_handshake_that_stalls_is_not_sent() {
    for operation in Operation::ALL {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let base_url = format!("https://{}", silent.local_addr().unwrap());
        let error = operation.call_within(&base_url, HASTE).await.unwrap_err();
        let seen = (error.outcome(), error.is_timeout());
        assert_eq!(seen, (Outcome::NotSent, true), "{operation:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_in_time_is_not_sent() {
    for operation in Operation::ALL {
        let full = FullServer::start().await;
        let error = operation
            .call_within(&full.base_url, HASTE)
            .await
            .unwrap_err();
        let seen = (error.outcome(), error.is_timeout());
        assert_eq!(seen, (Outcome::NotSent, true), "{operation:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_is_unknown() {
    for operation in Operation::ALL {
        let error = error(operation, Script::close()).await;
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{operation:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_closed_within_the_head_of_the_answer_is_unknown() {
    for operation in Operation::ALL {
        let error = error(operation, Script::answer("HTTP/1.1 200 OK\r\ncontent-")).await;
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{operation:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_unknown() {
    for operation in Operation::ALL {
        let error = error(operation, Script::answer("220 mail.example ESMTP\r\n")).await;
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{operation:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_unknown() {
    for operation in Operation::ALL {
        let error = error(operation, Script::stall()).await;
        let seen = (error.outcome(), error.is_timeout());
        assert_eq!(seen, (Outcome::Unknown, true), "{operation:?}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_whose_head_stalls_is_unknown() {
    for operation in Operation::ALL {
        let error = error(operation, Script::stall_after("HTTP/1.1 200 OK\r\n")).await;
        let seen = (error.outcome(), error.is_timeout());
        assert_eq!(seen, (Outcome::Unknown, true), "{operation:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_call_without_an_answer_has_no_status() {
    for operation in Operation::ALL {
        let error = error(operation, Script::close()).await;
        assert_eq!(error.status(), None, "{operation:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_call_without_an_answer_has_a_source_that_says_why() {
    for operation in Operation::ALL {
        let error = error(operation, Script::close()).await;
        assert!(
            std::error::Error::source(&error).is_some(),
            "{operation:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_not_sent_again() {
    for operation in Operation::ALL {
        let mut server = Server::start(Script::close()).await;
        operation
            .call_within(&server.base_url(), PATIENCE)
            .await
            .unwrap_err();
        assert_eq!(server.requests(), 1, "{operation:?}");
    }
}

#[tokio::test]
async fn an_error_without_an_answer_tells_how_far_the_call_came() {
    let error = error(Operation::SharedKey, Script::close()).await;
    assert_eq!(error.kind(), ErrorKind::NoResponse);
}

#[tokio::test]
async fn an_answer_that_is_complete_counts_though_the_connection_stays_open() {
    let answer = response(200, &[], Operation::SharedKey.success());
    let server = Server::start(Script::stall_after(answer)).await;
    let key = Operation::SharedKey
        .call_within(&server.base_url(), PATIENCE)
        .await
        .unwrap();
    assert_eq!(key.expose_secret(), support::SHARED_KEY);
}

/// A server whose queue of connections is full, so that one more is neither taken nor refused.
struct FullServer {
    base_url: String,
    _listener: tokio::net::TcpListener,
    _queued: Vec<TcpStream>,
}

impl FullServer {
    async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(HASTE, TcpStream::connect(address)).await {
            queued.push(stream);
        }
        Self {
            base_url: format!("http://{address}"),
            _listener: listener,
            _queued: queued,
        }
    }
}
