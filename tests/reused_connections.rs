//! Connections are used again while the server keeps them, and a regeneration is not lost in one that
//! the server has closed.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use support::{pandadoc, Operation, PATIENCE, UUID};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers so many requests on each connection and then closes it without a word.
struct KeepingServer {
    base_url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl KeepingServer {
    async fn start(requests_per_connection: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let requests = requests.clone();
                tokio::spawn(async move {
                    for _ in 0..requests_per_connection {
                        let mut request = Vec::new();
                        while !request.ends_with(b"\r\n\r\n") {
                            if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                                return;
                            }
                        }
                        requests.fetch_add(1, Ordering::SeqCst);
                        let body = Operation::SharedKey.success();
                        let head =
                            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                        stream.write_all((head + &body).as_bytes()).await.unwrap();
                    }
                });
            }
        });
        server
    }

    /// Makes so many calls, one after the other, and returns how many succeed.
    async fn regenerate(&self, calls: usize) -> usize {
        let client = pandadoc(&self.base_url, PATIENCE);
        let id = UUID.parse().unwrap();
        let mut succeeded = 0;
        for _ in 0..calls {
            let result = client.update_webhook_subscription_shared_key(&id).await;
            succeeded += usize::from(result.is_ok());
        }
        succeeded
    }
}

#[tokio::test]
async fn calls_share_a_connection_that_the_server_keeps() {
    let server = KeepingServer::start(usize::MAX).await;
    let succeeded = server.regenerate(10).await;
    assert_eq!(
        (succeeded, server.connections.load(Ordering::SeqCst)),
        (10, 1)
    );
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_costs_no_call_and_no_key() {
    let server = KeepingServer::start(1).await;
    let succeeded = server.regenerate(10).await;
    assert_eq!(
        (succeeded, server.requests.load(Ordering::SeqCst)),
        (10, 10)
    );
}
