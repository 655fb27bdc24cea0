//! A small server of both APIs: one subscription each, and two that answer with an error.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{json, Value};
use tokio::net::TcpListener;
use uuid::{uuid, Uuid};
use webhook_subscriptions::Secret;

pub const API_KEY: &str = "an-api-key-of-the-example";
pub const ACCESS_TOKEN: &str = "an-access-token-of-the-example";
pub const SUBSCRIPTION: Uuid = uuid!("d173751d-0057-4d5c-ab75-49a670a4ca68");
pub const FORBIDDEN: Uuid = uuid!("00000000-0000-4000-8000-000000000403");
pub const THROTTLED: Uuid = uuid!("00000000-0000-4000-8000-000000000429");
pub const RATEPAY_ID: &str = "d8znR1k1_0Kw305BsoPT";

type Answer = Response<Full<Bytes>>;

/// What the server holds.
#[derive(Default)]
struct State {
    /// PandaDoc's keys are numbered, so that one can be told from another without being shown.
    shared_key_number: u32,
    ratepay: Value,
}

impl State {
    fn shared_key(&self) -> String {
        format!("shared-key-number-{}", self.shared_key_number)
    }
}

pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        tokio::spawn(serve(listener, state.clone()));
        Ok(Self { address, state })
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn shared_key_number(&self) -> u32 {
        lock(&self.state).shared_key_number
    }

    pub fn shared_key(&self) -> Secret {
        lock(&self.state).shared_key().into()
    }

    pub fn ratepay_secret(&self) -> Option<Secret> {
        let state = lock(&self.state);
        state.ratepay["secret"].as_str().map(Secret::from)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        let service = service_fn(move |request| answer(request, state.clone()));
        let http = hyper::server::conn::http1::Builder::new();
        tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let credential = head
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let path: Vec<&str> = head.uri.path().trim_start_matches('/').split('/').collect();
    Ok(match (&head.method, path.as_slice()) {
        (&Method::PATCH, ["public", "v1", "webhook-subscriptions", id, "shared-key"]) => {
            if credential == Some(&format!("API-Key {API_KEY}")) {
                regenerate(id, &mut lock(&state))
            } else {
                pandadoc_error(401, "authentication_error", "Invalid key.")
            }
        }
        (&Method::PUT, ["webhook", "management", "v1", id]) => {
            if credential == Some(&format!("Bearer {ACCESS_TOKEN}")) {
                update(id, &body, &mut lock(&state))
            } else {
                json_answer(401, json!({"message": "Unauthorized"}))
            }
        }
        _ => json_answer(404, json!({"message": "Not found"})),
    })
}

fn regenerate(id: &str, state: &mut State) -> Answer {
    match id.parse() {
        Ok(SUBSCRIPTION) => {
            state.shared_key_number += 1;
            json_answer(200, json!({"shared_key": state.shared_key()}))
        }
        Ok(FORBIDDEN) => {
            let detail = "You do not have permission to perform this action.";
            json_answer(
                403,
                json!({
                    "type": "permissions_error",
                    "detail": detail,
                    "info_message": "Only an admin of the workspace may change its webhooks.",
                    "links": [{"rel": "help", "href": "https://developers.pandadoc.com/", "type": "GET"}],
                }),
            )
        }
        Ok(THROTTLED) => {
            let mut answer = pandadoc_error(429, "throttled", "Request was throttled.");
            answer.headers_mut().insert(RETRY_AFTER, 30.into());
            answer
        }
        _ => pandadoc_error(404, "request_error", "Not found"),
    }
}

fn update(id: &str, body: &[u8], state: &mut State) -> Answer {
    if id != RATEPAY_ID {
        return json_answer(404, json!({"message": "Not found"}));
    }
    let subscription: Value = serde_json::from_slice(body).unwrap_or_default();
    let has = |member: &str| subscription[member].is_string();
    if !(has("url") && has("event_type") && has("secret")) {
        let message = "url, event_type and secret are required";
        return json_answer(400, json!({"name": "ValidationError", "message": message}));
    }
    state.ratepay = subscription;
    state.ratepay["id"] = id.into();
    json_answer(200, state.ratepay.clone())
}

fn pandadoc_error(status: u16, name: &str, detail: &str) -> Answer {
    json_answer(status, json!({"type": name, "detail": detail}))
}

fn json_answer(status: u16, body: Value) -> Answer {
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    answer
}
