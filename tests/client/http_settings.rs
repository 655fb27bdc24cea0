//! No setting of the HTTP client changes where a request is sent, and how often.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use crate::support::{self, response, Server};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use webhook_subscriptions::{pandadoc, Error, RetryPolicy};

/// The error of a regeneration with these settings, without retries.
async fn error(
    base_url: &str,
    configure: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
) -> Error {
    let client = pandadoc::Client::builder()
        .base_url(base_url)
        .api_key(support::API_KEY)
        .configure_http(configure)
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let id = support::UUID.parse().unwrap();
    let result = client.update_webhook_subscription_shared_key(&id).await;
    result.unwrap_err()
}

#[tokio::test]
async fn a_policy_that_follows_redirects_is_not_used() {
    let mut elsewhere = Server::answering(response(200, &[], "")).await;
    let location = elsewhere.base_url();
    let redirect = response(307, &[("location", &location)], "");
    let server = Server::answering(redirect).await;
    error(&server.base_url(), |http| http.redirect(Policy::limited(5))).await;
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn no_request_is_retried_below_the_retry_policy() {
    let mut server = Server::answering(response(500, &[], "")).await;
    let retry_everything = || {
        let retry = reqwest::retry::for_host("127.0.0.1").no_budget();
        retry.classify_fn(|attempt| attempt.retryable())
    };
    let sent = error(&server.base_url(), move |http| {
        http.retry(retry_everything())
    })
    .await;
    assert_eq!((sent.attempts(), server.requests()), (1, 1));
}

#[tokio::test]
async fn nothing_for_loopback_goes_through_a_proxy() {
    let mut proxy = Server::answering(response(200, &[], "")).await;
    let server = Server::answering(response(403, &[], "")).await;
    let url = proxy.base_url();
    let via_proxy = move |http: ClientBuilder| http.proxy(Proxy::all(&url).unwrap());
    error(&server.base_url(), via_proxy).await;
    assert_eq!(proxy.requests(), 0);
}

/// A server that counts the requests that it applies, and then refuses the stream (HTTP/2) or closes the
/// connection (HTTP/1.1).
async fn refusing_streams(applied: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(refuse_streams(stream, applied.clone()));
        }
    });
    format!("http://{address}")
}

async fn refuse_streams(mut stream: TcpStream, applied: Arc<AtomicUsize>) {
    let mut first = [0; 3];
    while stream.peek(&mut first).await.unwrap() < first.len() {}
    if &first == b"PRI" {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut answer))) = connection.accept().await {
            applied.fetch_add(1, Ordering::SeqCst);
            answer.send_reset(h2::Reason::REFUSED_STREAM);
        }
    } else {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap() > 0 {}
        applied.fetch_add(1, Ordering::SeqCst);
        stream.shutdown().await.unwrap();
    }
}

/// reqwest's feature `http2` is on in this build, as another crate may switch it on in any.
#[tokio::test]
async fn a_refused_stream_is_not_sent_again() {
    let applied = Arc::new(AtomicUsize::new(0));
    let base_url = refusing_streams(applied.clone()).await;
    let sent = error(&base_url, |http| http.http2_prior_knowledge()).await;
    assert_eq!((sent.attempts(), applied.load(Ordering::SeqCst)), (1, 1));
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub mod tls {
    use crate::support::Script;
    use webhook_subscriptions::{ErrorKind, Outcome};

    use super::*;

    #[tokio::test]
    async fn no_server_is_offered_http2() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("https://{}", listener.local_addr().unwrap());
        let hello = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut record = [0; 5];
            stream.read_exact(&mut record).await.unwrap();
            let mut hello = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
            stream.read_exact(&mut hello).await.unwrap();
            hello
        });
        error(&base_url, |http| http).await;
        // The two protocols as ALPN lists them (RFC 7301, section 3.1).
        let both = b"\x02h2\x08http/1.1";
        let hello = hello.await.unwrap();
        assert!(!hello.windows(both.len()).any(|bytes| bytes == both));
    }

    /// A regeneration under the default policy, through a proxy that answers CONNECT with 407.
    pub async fn rejected_by_a_proxy() -> (Error, usize) {
        let mut proxy = Server::start(Script::answer(response(407, &[], ""))).await;
        let url = proxy.base_url();
        let client = pandadoc::Client::builder()
            .base_url("https://server.invalid")
            .api_key(support::API_KEY)
            .configure_http(move |http| http.proxy(Proxy::all(&url).unwrap()))
            .build()
            .unwrap();
        let id = support::UUID.parse().unwrap();
        let result = client.update_webhook_subscription_shared_key(&id).await;
        (result.unwrap_err(), proxy.requests())
    }

    #[tokio::test]
    async fn a_proxy_that_asks_for_credentials_is_asked_once() {
        let (_, requests) = rejected_by_a_proxy().await;
        assert_eq!(requests, 1);
    }

    #[tokio::test]
    async fn a_proxy_that_asks_for_credentials_is_told_from_a_connection_that_failed() {
        let (error, _) = rejected_by_a_proxy().await;
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (ErrorKind::ProxyAuthRequired, Outcome::NotSent));
    }
}
