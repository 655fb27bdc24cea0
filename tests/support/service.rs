//! A small service of the kind that uses this crate: it has a webhook at PandaDoc, and changes its key.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use url::form_urlencoded;
use uuid::Uuid;
use webhook_subscriptions::{pandadoc, Error, Outcome, Secret, WebhookUrl};

#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    pandadoc: pandadoc::Client,
    url: WebhookUrl,
    keys: Mutex<Vec<Secret>>,
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
        self.0.keys.lock().unwrap().extend(key);
        Ok(())
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
        let query = head.uri.query().unwrap_or_default();
        let mut query = form_urlencoded::parse(query.as_bytes());
        let signature = query.find(|(name, _)| name == "signature");
        let is_genuine = signature.is_some_and(|(_, it)| self.is_genuine(&it, &body));
        let status = match is_genuine {
            true => StatusCode::OK,
            false => StatusCode::UNAUTHORIZED,
        };
        if is_genuine {
            let events: Vec<Value> = serde_json::from_slice(&body).unwrap();
            let ids = events
                .iter()
                .map(|it| it["data"]["id"].as_str().unwrap().to_owned());
            self.0.received.lock().unwrap().extend(ids);
        }
        let mut response = Response::new(Empty::new());
        *response.status_mut() = status;
        Ok(response)
    }

    fn is_genuine(&self, signature: &str, body: &[u8]) -> bool {
        let keys = self.0.keys.lock().unwrap();
        keys.iter().any(|key| {
            let key = key.expose_secret().as_bytes();
            let mac = Hmac::<Sha256>::new_from_slice(key)
                .unwrap()
                .chain_update(body);
            let bytes = mac.finalize().into_bytes();
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            digits == signature
        })
    }
}
