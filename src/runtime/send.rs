//! One attempt: a request on its way out, and the response read.

use std::time::Duration;

use http::header::{HeaderValue, AUTHORIZATION, USER_AGENT};

use super::credential::Credential;
use super::http_client::Client;
use super::operation::Operation;
use super::read::read;
use super::request::Request;
use super::response::Response;
use super::Error;

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("webhook-subscriptions/", env!("CARGO_PKG_VERSION")));

/// All that one attempt needs.
pub(super) struct Outgoing<'a> {
    pub(super) operation: Operation,
    pub(super) request: &'a Request,
    pub(super) credential: Option<&'a Credential>,
    pub(super) timeout: Duration,
    pub(super) response_limit: usize,
}

impl Outgoing<'_> {
    /// Sends the request once. A status that is no success is an error.
    pub(super) async fn send(self, client: &Client) -> Result<Response, Error> {
        let mut request = self.request.copy()?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        if let Some(credential) = self.credential {
            headers.insert(AUTHORIZATION, credential.authorization());
        }
        *request.timeout_mut() = Some(self.timeout);
        let response = client.execute(request, self.operation.idempotent).await;
        let response = response.map_err(|cause| Error::no_response(self.operation, cause))?;
        let response = read(response, self.response_limit, self.operation).await;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(Error::UnexpectedResponse(response))
        }
    }
}
