//! A service that receives deliveries through a rotation, on a real socket, and the deliveries to it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::Router;
use http::request::Parts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::timeout;
use webhook_subscriptions::rotate::Rotatable;
use webhook_subscriptions::verify::{Key, Refusal};
use webhook_subscriptions::{Rotation, Secret};

use crate::world::{Side, BODY};

/// More time than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the service verifies a delivery. Both ways must do the same.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// With `Rotation::layer`.
    Layer,
    /// With `Rotation::verify_request`.
    VerifyRequest,
}

impl Way {
    pub const ALL: [Self; 2] = [Self::Layer, Self::VerifyRequest];

    fn path(self) -> &'static str {
        match self {
            Self::Layer => "/layer",
            Self::VerifyRequest => "/verify-request",
        }
    }
}

/// A running server.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    address: SocketAddr,
}

impl Service {
    /// Starts a server on a free port.
    pub async fn start<S: Rotatable>(rotation: &Rotation<S>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::serve(rotation, listener)
    }

    pub fn serve<S: Rotatable>(rotation: &Rotation<S>, listener: TcpListener) -> Self {
        let layered = post(|| async {}).layer(rotation.layer());
        let rotation = rotation.clone();
        let verified = post(async move |head: Parts, body: Bytes| {
            match rotation.verify_request(&head, &body).await {
                Ok(_) => ().into_response(),
                Err(refusal) => refused(refusal),
            }
        });
        let app = Router::new()
            .route(Way::Layer.path(), layered)
            .route(Way::VerifyRequest.path(), verified);
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address }
    }

    /// The server of another process.
    pub fn at(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Sends a delivery, and returns the answer.
    pub async fn answer(self, way: Way, delivery: &Delivery) -> Answer {
        self.try_answer(way, delivery).await.unwrap()
    }

    /// Does the same with a server that may be killed.
    pub async fn try_answer(self, way: Way, delivery: &Delivery) -> io::Result<Answer> {
        let mut stream = self.send(way, delivery).await?;
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        timeout(PATIENCE, read).await.expect("an answer")?;
        Answer::parse(&answer).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Sends a delivery, and returns the connection on which the answer comes.
    pub async fn send(self, way: Way, delivery: &Delivery) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await?;
        let head = delivery.head(way);
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&delivery.body).await?;
        Ok(stream)
    }
}

/// Answers as the layer does.
fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::NotDecided { retry_after } => {
            let wait = [("retry-after", retry_after.as_secs().to_string())];
            (refusal.status(), wait).into_response()
        }
        _ => refusal.status().into_response(),
    }
}

/// A request to the service.
#[derive(Clone)]
pub struct Delivery {
    /// With the question mark.
    query: String,
    headers: String,
    body: Vec<u8>,
}

impl Delivery {
    /// A delivery that is signed with this key.
    pub fn signed<S: Side>(key: &Secret) -> Self {
        let head = S::head(&Key::new(key).unwrap());
        let query = head.uri.query().map(|query| format!("?{query}"));
        let line = |(name, value): (_, &http::HeaderValue)| {
            format!("{name}: {}\r\n", value.to_str().unwrap())
        };
        Self {
            query: query.unwrap_or_default(),
            headers: head.headers.iter().map(line).collect(),
            body: BODY.to_vec(),
        }
    }

    /// A delivery that is signed with a key which isn't the provider's.
    pub fn forged<S: Side>() -> Self {
        Self::signed::<S>(&Secret::from("the key of a stranger"))
    }

    /// A delivery with so many bytes and the signature of other ones.
    pub fn forged_with<S: Side>(bytes: usize) -> Self {
        Self {
            body: vec![b' '; bytes],
            ..Self::forged::<S>()
        }
    }

    pub fn unsigned() -> Self {
        Self {
            query: String::new(),
            headers: String::new(),
            body: BODY.to_vec(),
        }
    }

    /// A delivery whose signature has one digit, and the signature's name as both providers write it.
    pub fn malformed() -> Self {
        Self {
            query: "?signature=a".to_owned(),
            headers: "x-signature: a\r\n".to_owned(),
            body: BODY.to_vec(),
        }
    }

    fn head(&self, way: Way) -> String {
        let (path, length) = (way.path(), self.body.len());
        let Self { query, headers, .. } = self;
        format!(
            "POST {path}{query} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n"
        )
    }
}

/// The service's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The `Retry-After` header, in seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    pub const ACCEPTED: Self = Self::of(200);
    pub const REJECTED: Self = Self::of(403);

    pub const fn of(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
        }
    }

    pub const fn not_decided(retry_after: u64) -> Self {
        Self {
            status: 503,
            retry_after: Some(retry_after),
        }
    }

    /// Reads an answer, unless it was cut.
    fn parse(answer: &str) -> Option<Self> {
        let status = answer.split(' ').nth(1)?;
        let mut lines = answer.lines();
        let retry_after = lines.find_map(|line| line.strip_prefix("retry-after: "));
        Some(Self {
            status: status.parse().unwrap(),
            retry_after: retry_after.map(|seconds| seconds.parse().unwrap()),
        })
    }
}

/// Waits for something that nobody tells of.
pub async fn until(is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("it to become so");
}
