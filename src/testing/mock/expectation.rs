//! A mock: the requests that it matches, and the order of its replies.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use httpmock::{HttpMockRequest, MockServer, Then, When};

use super::clients::sealed::MockedClient as _;
use super::operation::MockedOperation;
use super::reply::Reply;
use crate::runtime::client::recorder::{Recorded, Recorder};
use crate::runtime::{Error, ResponseValue};

/// An additional condition for a request.
type Condition = Box<dyn FnOnce(When) -> When>;

/// A mock of an operation, before it is mounted on a server.
///
/// ```
/// use webhook_subscriptions::pandadoc::Client;
/// use webhook_subscriptions::testing::mock::{httpmock::MockServer, pandadoc::DeleteWebhookSubscription, Reply};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start_async().await;
/// let id = uuid::Uuid::from_u128(7);
/// let deleted = DeleteWebhookSubscription::mock(&server)
///     .expect(async |client| client.delete_webhook_subscription(&id).await)
///     .when(|when| when.header("authorization", "API-Key any"))
///     .reply(Reply::success(()))
///     .mount_async()
///     .await;
///
/// let client = Client::builder().api_key("any").base_url(server.base_url()).build()?;
/// client.delete_webhook_subscription(&id).await?;
/// deleted.assert_async().await;
/// # Ok(()) }
/// ```
pub struct Mock<'server, O> {
    server: &'server MockServer,
    expected: Option<reqwest::Request>,
    conditions: Vec<Condition>,
    delay: Duration,
    replies: Vec<Reply<O>>,
}

impl<'server, O: MockedOperation> Mock<'server, O> {
    /// Returns a mock of this operation on a server.
    ///
    /// The mock matches every request of the operation, unless it [expects](Self::expect) one.
    #[must_use]
    pub fn on(server: &'server MockServer) -> Self {
        Self {
            server,
            expected: None,
            conditions: Vec::new(),
            delay: Duration::ZERO,
            replies: Vec::new(),
        }
    }

    /// Matches only requests with the path, query and body of this call.
    ///
    /// Headers, including credentials, aren't compared; see [`when`](Self::when). The client of the
    /// closure records the request and sends nothing. If the base URL of the client under test has a
    /// path, its requests have another path and don't match.
    ///
    /// # Panics
    ///
    /// Panics if the closure calls another operation, sends no request or several, or passes an argument
    /// that can't be sent. Panics also if the mock already expects a call; use a second mock instead.
    #[must_use]
    pub fn expect<F>(mut self, call: F) -> Self
    where
        F: AsyncFnOnce(&O::Client) -> Result<ResponseValue<O::Answer>, Error>,
    {
        assert!(
            self.expected.is_none(),
            "a mock of {} already expects a call; use a second mock for another call",
            O::NAME
        );
        let recorder = Recorder::default();
        let client = O::Client::recording(recorder.clone());
        let mut context = Context::from_waker(Waker::noop());
        let error = match pin!(call(&client)).poll(&mut context) {
            Poll::Ready(Err(error)) => error.to_string(),
            Poll::Ready(Ok(_)) | Poll::Pending => {
                "it didn't send a request at its first poll".to_owned()
            }
        };
        let mut requests = recorder.take();
        match (requests.pop(), requests.is_empty()) {
            (Some(Recorded { operation, request }), true) if operation == O::NAME => {
                self.expected = Some(request);
                self
            }
            (Some(Recorded { operation, .. }), true) => {
                panic!("a mock of {} can't expect a call of {operation}; use the mock of that operation", O::NAME)
            }
            (Some(_), false) => panic!(
                "a mock of {} expects exactly one call; use one mock for each call",
                O::NAME
            ),
            (None, _) => panic!(
                "the call that a mock of {} expects sent no request: {error}",
                O::NAME
            ),
        }
    }

    /// Adds a condition of httpmock, such as a header:
    /// `when(|when| when.header("authorization", "Bearer new"))`.
    #[must_use]
    pub fn when(mut self, condition: impl FnOnce(When) -> When + 'static) -> Self {
        self.conditions.push(Box::new(condition));
        self
    }

    /// Sets the delay before each reply.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a reply, which follows the previous ones. The last reply is repeated.
    #[must_use]
    pub fn reply(mut self, reply: Reply<O>) -> Self {
        self.replies.push(reply);
        self
    }

    /// Mounts the mock on its server.
    ///
    /// # Panics
    ///
    /// Panics if the mock has no reply.
    pub fn mount(self) -> httpmock::Mock<'server> {
        self.server.mock(|when, then| self.describe(when, then))
    }

    /// Mounts the mock like [`mount`](Self::mount), without blocking the thread.
    ///
    /// # Panics
    ///
    /// Panics if the mock has no reply.
    pub async fn mount_async(self) -> httpmock::Mock<'server> {
        let server = self.server;
        server
            .mock_async(|when, then| self.describe(when, then))
            .await
    }

    fn describe(self, when: When, then: Then) {
        assert!(
            !self.replies.is_empty(),
            "a mock of {} has no reply; call `reply` before mounting it",
            O::ID
        );
        let when = when.method(O::METHOD);
        let when = self
            .conditions
            .into_iter()
            .fold(when, |when, add| add(when));
        match self.expected {
            Some(request) => same_request(&request, when),
            None => when.is_true(|request| has_form(O::TEMPLATE, request.uri().path())),
        };
        let count = AtomicUsize::new(0);
        let replies = self.replies;
        then.delay(self.delay).respond_with(move |_| {
            let next = count.fetch_add(1, Ordering::Relaxed);
            replies[next.min(replies.len() - 1)].response()
        });
    }
}

/// Matches requests with the path, query and body of this one.
fn same_request(expected: &reqwest::Request, when: When) -> When {
    let url = expected.url();
    let mut when = when.path(url.path());
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in &query {
        when = when.query_param(name, value);
    }
    when = when.is_true(move |request| same_query(&query, request));
    let Some(body) = expected.body().and_then(reqwest::Body::as_bytes) else {
        return when.is_true(|request| request.body_ref().is_empty());
    };
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => when.json_body(json),
        Err(_) => when.body(String::from_utf8_lossy(body)),
    }
}

/// Returns whether a request has exactly these parameters, in any order.
fn same_query(expected: &[(String, String)], request: &HttpMockRequest) -> bool {
    let mut expected = expected.to_vec();
    let mut actual = request.query_params();
    expected.sort();
    actual.sort();
    expected == actual
}

/// Returns whether a path has the form of a template.
fn has_form(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(form), Some(segment)) if form == segment => {}
            (Some(form), Some(segment)) if form.starts_with('{') && !segment.is_empty() => {}
            _ => return false,
        }
    }
}
