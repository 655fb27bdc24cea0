//! Reads share a connection while the server keeps it. A call that must not be sent twice has one of its
//! own, on which no other request leaves an answer or finds one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use crate::support::{pandadoc, Operation, PATIENCE, UUID};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

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
async fn reads_share_a_connection_that_the_server_keeps() {
    let server = KeepingServer::start(usize::MAX).await;
    let client = pandadoc(&server.base_url, PATIENCE);
    for _ in 0..10 {
        client
            .details_webhook_subscription(&UUID.parse().unwrap())
            .await
            .unwrap();
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn each_regeneration_has_a_connection_of_its_own() {
    let server = KeepingServer::start(usize::MAX).await;
    let succeeded = server.regenerate(10).await;
    assert_eq!(
        (succeeded, server.connections.load(Ordering::SeqCst)),
        (10, 10)
    );
}

#[tokio::test]
async fn a_second_answer_to_a_read_is_not_taken_for_that_of_a_regeneration() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let read = Arc::new(Notify::new());
    let after_read = read.clone();
    tokio::spawn(async move {
        // The read's connection: its answer, and once that was taken another that nobody asked for.
        let (mut reads, _) = listener.accept().await.unwrap();
        request(&mut reads).await;
        reads.write_all(&success("the first key")).await.unwrap();
        after_read.notified().await;
        reads.write_all(&success("a stray key")).await.unwrap();
        // The connection of the regeneration.
        let (mut own, _) = listener.accept().await.unwrap();
        request(&mut own).await;
        own.write_all(&success("the new key")).await.unwrap();
    });
    let client = pandadoc(&base_url, PATIENCE);
    let id = UUID.parse().unwrap();
    client.details_webhook_subscription(&id).await.unwrap();
    read.notify_one();
    let answer = client.update_webhook_subscription_shared_key(&id).await;
    let key = answer.unwrap().into_inner().shared_key;
    assert_eq!(key.expose_secret(), "the new key");
}

async fn request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
}

fn success(key: &str) -> Vec<u8> {
    let body = format!(r#"{{"shared_key":"{key}"}}"#);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    (head + &body).into_bytes()
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
