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
use webhook_subscriptions::pandadoc::delivery::{self, Delivered};
use webhook_subscriptions::verify::{self, Key, KeyRing, PandaDoc, RingKey};
use webhook_subscriptions::{Error, Outcome, Secret, WebhookUrl};

#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    pandadoc: pandadoc::Client,
    url: WebhookUrl,
    keys: Mutex<Vec<RingKey<PandaDoc>>>,
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
            ring: KeyRing::new([]),
            received: Mutex::default(),
        }));
        tokio::spawn(service.clone().listen(listener));
        service
    }

    /// Where it wants its deliveries.
    pub fn url(&self) -> &WebhookUrl {
        &self.0.url
    }

    /// The ids of the documents that it was told of.
    pub fn received(&self) -> Vec<String> {
        self.0.received.lock().unwrap().clone()
    }

    /// Has PandaDoc make a new key, and accepts deliveries that are signed with it, besides those that
    /// are signed with the keys before it.
    pub async fn rotate(&self, id: &Uuid) -> Result<(), Error> {
        let client = &self.0.pandadoc;
        let key = match client.update_webhook_subscription_shared_key(id).await {
            Ok(answer) => Some(answer.into_inner().shared_key),
            // The key was changed, or may have been: the one in force can be read.
            Err(error) if matches!(error.outcome(), Outcome::Applied | Outcome::Unknown) => {
                let subscription = client.details_webhook_subscription(id).await?;
                subscription.into_inner().shared_key
            }
            Err(error) => return Err(error),
        };
        if let Some(key) = key {
            self.accept(&key);
        }
        Ok(())
    }

    fn accept(&self, key: &Secret) {
        let mut keys = self.0.keys.lock().unwrap();
        let id = format!("key {}", keys.len() + 1);
        keys.push(RingKey::new(id, Key::new(key).unwrap()));
        self.0.ring.replace(keys.clone());
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
        let target = head.uri.to_string();
        let status = match verify::pandadoc(&self.0.ring, &target, &body, SystemTime::now()) {
            Ok(_) => {
                let ids = delivery::events(&body).unwrap().into_iter();
                let ids = ids.map(|delivered| match delivered {
                    Delivered::Event(event) => event.data["id"].as_str().unwrap().to_owned(),
                    Delivered::Other(json) => panic!("no event: {json}"),
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
