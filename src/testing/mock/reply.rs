//! A reply of a mock.

use std::marker::PhantomData;
use std::time::Duration;

use http::header::{HeaderName, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use httpmock::HttpMockResponse;

use super::clients::sealed::MockedClient as _;
use super::operation::{DocumentedError, MockedOperation};

/// One response of a mocked operation.
///
/// ```
/// use http::StatusCode;
/// use webhook_subscriptions::testing::mock::pandadoc::{DetailsWebhookSubscription, DetailsWebhookSubscriptionError};
/// use webhook_subscriptions::testing::mock::{httpmock::MockServer, Reply};
/// use webhook_subscriptions::{pandadoc, Outcome, RetryPolicy};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start_async().await;
/// let _mock = DetailsWebhookSubscription::mock(&server)
///     .reply(Reply::error(DetailsWebhookSubscriptionError::NotFound))
///     .reply(Reply::raw(StatusCode::BAD_GATEWAY, "text/html", "<h1>Bad gateway</h1>"))
///     .reply(Reply::raw(StatusCode::OK, "application/json", "not JSON"))
///     .mount_async()
///     .await;
///
/// let client = pandadoc::Client::builder().api_key("any").base_url(server.base_url());
/// let client = client.retry(RetryPolicy::none()).build()?;
/// for outcome in [Outcome::Rejected, Outcome::Unknown, Outcome::Applied] {
///     let answer = client.details_webhook_subscription(&uuid::Uuid::nil()).await;
///     assert_eq!(answer.unwrap_err().outcome(), outcome);
/// }
/// # Ok(()) }
/// ```
pub struct Reply<O> {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    operation: PhantomData<fn() -> O>,
}

impl<O: MockedOperation> Reply<O> {
    /// Returns a reply with the operation's result and its first documented status of success.
    ///
    /// # Panics
    ///
    /// Panics if the result can't be serialized as JSON.
    #[must_use]
    pub fn success(answer: O::Answer) -> Self {
        let body = match serde_json::to_vec(&answer) {
            // An operation without a result has no body.
            Ok(json) if json == b"null" => Vec::new(),
            Ok(json) => json,
            Err(error) => panic!(
                "the result of {} can't be serialized as JSON: {error}",
                O::ID
            ),
        };
        let status = StatusCode::from_u16(O::SUCCESS).unwrap_or_default();
        match body.is_empty() {
            true => Self::new(status, body),
            false => Self::raw(status, "application/json", body),
        }
    }

    /// Returns a reply with a documented error, whose body has the provider's form.
    #[must_use]
    pub fn error(error: O::Error) -> Self {
        let (status, headers, body) = O::Client::error(error.status()).into_parts();
        Self {
            headers,
            ..Self::new(status, body.to_vec())
        }
    }

    /// Returns any reply: an undocumented status, the HTML page of a CDN, or bytes that aren't JSON.
    ///
    /// # Panics
    ///
    /// Panics if the media type isn't a valid header value, or if the status is below 200, which isn't
    /// final.
    #[must_use]
    pub fn raw(status: StatusCode, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, body.into()).header(CONTENT_TYPE, media_type)
    }

    fn new(status: StatusCode, body: Vec<u8>) -> Self {
        assert!(
            !status.is_informational(),
            "{status} isn't the status of a final response; use 200 or above"
        );
        Self {
            status,
            headers: HeaderMap::new(),
            body,
            operation: PhantomData,
        }
    }

    /// Sets `Retry-After` in seconds, rounded up (RFC 9110, section 10.2.3). For a date, use
    /// [`header`](Self::header).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        self.headers.insert(RETRY_AFTER, seconds.into());
        self
    }

    /// Sets a header, which replaces those of the same name.
    ///
    /// # Panics
    ///
    /// Panics if the value isn't a valid header value.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::try_from(value) {
            Ok(value) => self.headers.insert(name, value),
            Err(error) => panic!("the value of header `{name}` is invalid: {error}"),
        };
        self
    }

    /// Sets the status, such as another status of success.
    ///
    /// # Panics
    ///
    /// Panics if the status is below 200.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self {
            headers: self.headers,
            ..Self::new(status, self.body)
        }
    }

    pub(super) fn response(&self) -> HttpMockResponse {
        let mut response = HttpMockResponse::builder().status(self.status.as_u16());
        for (name, value) in &self.headers {
            response = response.header(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        }
        response.body(self.body.clone()).build()
    }
}
