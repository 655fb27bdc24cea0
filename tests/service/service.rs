//! A small service of the kind that uses this crate: it has a webhook at PandaDoc, and changes its key.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use uuid::Uuid;
use webhook_subscriptions::pandadoc;
use webhook_subscriptions::pandadoc::delivery::{self, EventOrOther};
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey};
use webhook_subscriptions::{Error, Outcome, Secret, WebhookUrl};

/// Why a rotation ended without a new key in hand. Each case says what is known of the change: the
/// error of a read says nothing about it.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    #[error("the current key couldn't be read, so no new one was requested")]
    NotStarted(#[source] ReadError),
    #[error("PandaDoc made no new key")]
    NotChanged(#[source] Error),
    /// As far as can be seen: a request that is still on its way may change the key later.
    #[error("the answer to the request for a new key was lost, and the current key is an old one")]
    SeemsUnchanged(#[source] Error),
    #[error(
        "PandaDoc made a new key or may have, its answer was lost ({change}), and reading the \
         current key failed; read it before you trust any key"
    )]
    NotRead {
        change: Error,
        #[source]
        read: ReadError,
    },
}

/// Why the current key is not known.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("reading the current key failed")]
    Call(#[source] Error),
    #[error("the subscription that PandaDoc returned has no key")]
    NoKey,
}

#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    pandadoc: pandadoc::Client,
    url: WebhookUrl,
    keys: Mutex<Vec<Secret>>,
    ring: KeyRing<PandaDoc>,
    received: Mutex<Vec<String>>,
}

impl Service {
    /// Listens for deliveries at a free port.
    pub async fn start(pandadoc: pandadoc::Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let service = Self(Arc::new(Inner {
            pandadoc,
            url: url.parse().unwrap(),
            keys: Mutex::default(),
            ring: KeyRing::default(),
            received: Mutex::default(),
        }));
        tokio::spawn(service.clone().listen(listener));
        service
    }

    /// The URL to which deliveries go.
    pub fn url(&self) -> &WebhookUrl {
        &self.0.url
    }

    /// The ids of the documents that it was told of.
    pub fn received(&self) -> Vec<String> {
        self.0.received.lock().unwrap().clone()
    }

    /// Has PandaDoc make a new key. From then on the service accepts deliveries that are signed with it,
    /// besides those that are signed with the keys before it.
    ///
    /// The current key is read first. A key that is read after a lost answer is a new one only if it differs from
    /// those before.
    pub async fn rotate(&self, id: &Uuid) -> Result<(), RotateError> {
        let current = self.read_key(id).await.map_err(RotateError::NotStarted)?;
        self.accept(current);
        let client = &self.0.pandadoc;
        let change = match client.update_webhook_subscription_shared_key(id).await {
            Ok(answer) => {
                self.accept(answer.into_inner().shared_key);
                return Ok(());
            }
            Err(error) => error,
        };
        match change.outcome() {
            Outcome::NotSent | Outcome::Rejected => Err(RotateError::NotChanged(change)),
            Outcome::Unknown | Outcome::Applied => match self.read_key(id).await {
                Ok(key) => match self.accept(key) {
                    true => Ok(()),
                    false => Err(RotateError::SeemsUnchanged(change)),
                },
                Err(read) => Err(RotateError::NotRead { change, read }),
            },
        }
    }

    async fn read_key(&self, id: &Uuid) -> Result<Secret, ReadError> {
        let answer = self.0.pandadoc.details_webhook_subscription(id).await;
        let key = answer.map_err(ReadError::Call)?.into_inner().shared_key;
        key.ok_or(ReadError::NoKey)
    }

    /// Accepts deliveries that are signed with this key. Returns whether it is a new one.
    fn accept(&self, key: Secret) -> bool {
        let mut keys = self.0.keys.lock().unwrap();
        if keys.contains(&key) {
            return false;
        }
        keys.push(key);
        // The latest first: a ring tries its keys in their order.
        let ring = keys.iter().enumerate().rev().map(|(index, key)| {
            let key = Key::new(key).unwrap();
            RingKey::new(format!("key {}", index + 1), key)
        });
        self.0.ring.replace(ring).unwrap();
        true
    }

    async fn listen(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let service = self.clone();
            let answer = service_fn(move |request| service.clone().receive(request));
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http.serve_connection(TokioIo::new(stream), answer));
        }
    }

    async fn receive(
        self,
        request: Request<Incoming>,
    ) -> Result<Response<Empty<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let status = match self.0.ring.verify_request(&head, &body, SystemTime::now()) {
            Ok(_) => {
                let ids = delivery::parse(&body).unwrap().into_iter();
                let ids = ids.map(|element| match element {
                    EventOrOther::Event(event) => event.data["id"].as_str().unwrap().to_owned(),
                    other => panic!("no event: {other:?}"),
                });
                self.0.received.lock().unwrap().extend(ids);
                StatusCode::OK
            }
            Err(_) => StatusCode::FORBIDDEN,
        };
        let mut response = Response::new(Empty::new());
        *response.status_mut() = status;
        Ok(response)
    }
}
