//! A request on its way out.

use std::time::Duration;

use http::header::{HeaderValue, AUTHORIZATION, CONTENT_LENGTH, USER_AGENT};
use http::Method;

use super::http_client::Client;
use super::read::read;
use super::response::Response;
use super::Error;

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("webhook-subscriptions/", env!("CARGO_PKG_VERSION")));

/// What a generated client knows beside its base URL and its HTTP client.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(super) authorization: HeaderValue,
    pub(super) timeout: Duration,
    pub(super) response_limit: usize,
}

/// The operation that a request belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// Its id in snake case: the method of the client.
    pub(super) id: &'static str,
    /// Whether repeating it changes nothing more (RFC 9110, section 9.2.2).
    pub(super) idempotent: bool,
}

impl Operation {
    pub(super) fn new(id: &'static str, method: &Method) -> Self {
        Self {
            id,
            idempotent: method.is_idempotent(),
        }
    }
}

/// Sends a request once and reads what comes back.
pub(super) async fn send(
    client: &Client,
    connection: &Connection,
    mut request: reqwest::Request,
    operation: Operation,
) -> Result<Response, Error> {
    let headers = request.headers_mut();
    // Generated code adds the version of the document, which neither provider asks for.
    headers.remove("api-version");
    headers.insert(USER_AGENT, AGENT);
    headers.insert(AUTHORIZATION, connection.authorization.clone());
    if request.body().is_none() && gives_a_body_a_meaning(request.method()) {
        // RFC 9110, section 8.6: a user agent SHOULD say that there is none. Some gateways answer
        // 411 to one that does not.
        let none = HeaderValue::from_static("0");
        request.headers_mut().insert(CONTENT_LENGTH, none);
    }
    *request.timeout_mut() = Some(connection.timeout);
    match client.execute(request).await {
        Ok(response) => Ok(read(response, connection.response_limit, operation).await),
        Err(error) => Err(Error::no_response(operation, error)),
    }
}

fn gives_a_body_a_meaning(method: &Method) -> bool {
    matches!(*method, Method::PATCH | Method::POST | Method::PUT)
}
