//! A server on a real socket that does exactly what a test says, and the two calls to make to it.

// Each test takes what it needs.
#![allow(dead_code)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, Barrier};
use webhook_subscriptions::{pandadoc, ratepay, Error, RetryPolicy, Secret};

pub const API_KEY: &str = "canary-api-key-2f1c";
pub const JWT: &str = "eyJhbGciOiJub25lIn0.canary-jwt-77.e30";
pub const SHARED_KEY: &str = "DgwSJeYa2h5SCmzVZws2UM";
pub const SIGNING_SECRET: &str = "6GHbLH4d1Nx3eIs5CyLHCW4HuFi1qttpNSDawHKHlW7kurTpaddarwEKDWUI59IU";
pub const UUID: &str = "d173751d-0057-4d5c-ab75-49a670a4ca68";
pub const URL: &str = "https://shop.example/hooks/invoice";
pub const SUBSCRIPTION_ID: &str = "d8znR1k1_0Kw305BsoPT";

/// More time than any call to loopback takes.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a test waits for what must not come.
pub const HASTE: Duration = Duration::from_millis(500);

/// The fate of a connection once the server has read the request.
#[derive(Clone)]
pub struct Script {
    read: bool,
    applies: Option<Arc<AtomicUsize>>,
    meets: Option<Arc<Barrier>>,
    reply: Option<Arc<Reply>>,
    write: Vec<u8>,
    hold: bool,
}

/// The bytes to answer a request with.
type Reply = dyn Fn(&str) -> Vec<u8> + Send + Sync;

impl Script {
    /// Closes the connection before it reads anything.
    pub fn close_at_once() -> Self {
        Self {
            read: false,
            applies: None,
            meets: None,
            reply: None,
            write: Vec::new(),
            hold: false,
        }
    }

    /// Reads the request and closes the connection.
    pub fn close() -> Self {
        Self::answer("")
    }

    /// Reads the request and says nothing.
    pub fn stall() -> Self {
        Self::stall_after("")
    }

    /// Does what the request asks, before anything is written: counts it.
    pub fn applying(mut self, counter: &Arc<AtomicUsize>) -> Self {
        self.applies = Some(counter.clone());
        self
    }

    /// Waits, once the request is read, until as many others wait as the barrier asks for.
    pub fn meeting(mut self, barrier: &Arc<Barrier>) -> Self {
        self.meets = Some(barrier.clone());
        self
    }

    /// Writes these bytes and closes the connection.
    pub fn answer(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            read: true,
            applies: None,
            meets: None,
            reply: None,
            write: bytes.into(),
            hold: false,
        }
    }

    /// Writes what follows from the request and closes the connection.
    pub fn reply(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self {
            reply: Some(Arc::new(reply)),
            ..Self::answer("")
        }
    }

    /// Writes these bytes, then nothing more, and leaves the connection open.
    pub fn stall_after(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            read: true,
            applies: None,
            meets: None,
            reply: None,
            write: bytes.into(),
            hold: true,
        }
    }
}

/// A complete HTTP/1.1 response.
pub fn response(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = head(status, headers, body.len());
    bytes.extend_from_slice(body);
    bytes
}

/// The head of a response that announces a body of `length` bytes.
pub fn head(status: u16, headers: &[(&str, &str)], length: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {length}\r\n\r\n"));
    head.into_bytes()
}

/// A server that has a script for each connection.
pub struct Server {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Server {
    /// Treats every connection alike.
    pub async fn start(script: Script) -> Self {
        Self::scripted(move |_| script.clone()).await
    }

    /// Treats each connection by its number, which begins with 0.
    pub async fn scripted(script: impl Fn(usize) -> Script + Send + 'static) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(4096).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, script(number), sender.clone()));
            }
        });
        Self { address, requests }
    }

    pub async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        Self::start(Script::answer(bytes)).await
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request, byte for byte, with the server's address written as `HOST`.
    pub async fn request(&mut self) -> String {
        let bytes = self.requests.recv().await.expect("a request");
        String::from_utf8(bytes)
            .expect("a request in UTF-8")
            .replace(&self.address.to_string(), "HOST")
    }

    /// How many requests there were that `request` has not returned.
    pub fn requests(&mut self) -> usize {
        std::iter::from_fn(|| self.requests.try_recv().ok()).count()
    }
}

async fn serve(mut stream: TcpStream, mut script: Script, seen: mpsc::UnboundedSender<Vec<u8>>) {
    if !script.read {
        return;
    }
    let mut request = Vec::new();
    while !is_complete(&request) {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    if let Some(counter) = &script.applies {
        counter.fetch_add(1, Ordering::SeqCst);
    }
    if let Some(barrier) = &script.meets {
        barrier.wait().await;
    }
    if let Some(reply) = &script.reply {
        script.write = reply(&String::from_utf8_lossy(&request));
    }
    seen.send(request).ok();
    stream.write_all(&script.write).await.ok();
    if script.hold {
        // Until the client gives up.
        stream.read_u8().await.ok();
    }
    stream.shutdown().await.ok();
}

/// Whether these bytes are a whole request.
pub fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    request.len() >= head.len() + 4 + length
}

/// The two operations, each in the form that a test of both wants: the key on success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    SharedKey,
    Subscription,
}

impl Operation {
    pub const ALL: [Self; 2] = [Self::SharedKey, Self::Subscription];

    /// The documented body of a success.
    pub fn success(self) -> String {
        match self {
            Self::SharedKey => format!(r#"{{"shared_key":"{SHARED_KEY}"}}"#),
            Self::Subscription => format!(
                r#"{{"id":"{SUBSCRIPTION_ID}","url":"{URL}","event_type":"INVOICE_INVOICE","secret":"{SIGNING_SECRET}"}}"#
            ),
        }
    }

    pub async fn call(self, base_url: &str) -> Result<Secret, Error> {
        self.call_within(base_url, PATIENCE).await
    }

    /// One attempt, without retries.
    pub async fn call_within(self, base_url: &str, timeout: Duration) -> Result<Secret, Error> {
        self.call_of(RetryPolicy::none(), base_url, timeout).await
    }

    pub async fn call_of(
        self,
        policy: RetryPolicy,
        base_url: &str,
        timeout: Duration,
    ) -> Result<Secret, Error> {
        match self {
            Self::SharedKey => pandadoc(base_url, timeout)
                .with_retry(policy)
                .update_webhook_subscription_shared_key(&UUID.parse().unwrap())
                .await
                .map(|answer| answer.into_inner().shared_key),
            Self::Subscription => ratepay(base_url, timeout)
                .with_retry(policy)
                .update_subscription(&SUBSCRIPTION_ID.parse().unwrap(), &subscription())
                .await
                .map(|answer| answer.into_inner().secret),
        }
    }

    /// A call under a policy.
    pub async fn call_under(self, policy: RetryPolicy, base_url: &str) -> Result<Secret, Error> {
        self.call_of(policy, base_url, PATIENCE).await
    }

    /// The error of a call to a server that answers with these bytes.
    pub async fn error(self, answer: impl Into<Vec<u8>>) -> Error {
        let server = Server::answering(answer).await;
        self.call(&server.base_url()).await.expect_err("no success")
    }
}

/// Lets a paused clock run in small steps while there is something to read or write.
///
/// A paused clock jumps to the next timer whenever no task can run, though bytes may be on their way
/// through a socket. With this timer always near, such a jump is a short one.
pub fn run_clock_in_small_steps() {
    tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

pub fn pandadoc(base_url: &str, timeout: Duration) -> pandadoc::Client {
    pandadoc::Client::builder()
        .base_url(base_url)
        .api_key(API_KEY)
        .timeout(timeout)
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

pub fn ratepay(base_url: &str, timeout: Duration) -> ratepay::Client {
    ratepay::Client::builder()
        .base_url(base_url)
        .access_token(JWT)
        .timeout(timeout)
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

/// A refresh token, and an application with this secret.
pub fn grant(client_secret: &str, refresh_token: &str) -> pandadoc::oauth::RefreshGrant {
    pandadoc::oauth::RefreshGrant {
        client_id: "app".to_owned(),
        client_secret: client_secret.into(),
        refresh_token: refresh_token.into(),
    }
}

/// The body that the tests put to Ratepay.
pub fn subscription() -> ratepay::types::SubscriptionRequest {
    ratepay::types::SubscriptionRequest {
        url: URL.parse().unwrap(),
        event_type: "INVOICE_INVOICE".into(),
        secret: ratepay::SigningSecret::new(SIGNING_SECRET).unwrap(),
    }
}
