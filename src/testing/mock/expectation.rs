//! Which requests a mock answers, and in which order its answers come.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use httpmock::{HttpMockRequest, MockServer, Then, When};

use super::clients::sealed::Mocked as _;
use super::{Operation, Reply};
use crate::runtime::{Error, Recorded, Recorder, ResponseValue};

/// What a mock asks of a request besides.
type Condition = Box<dyn FnOnce(When) -> When>;

/// A mock of an operation, until it is mounted.
pub struct Mock<'server, O> {
    server: &'server MockServer,
    expected: Option<reqwest::Request>,
    conditions: Vec<Condition>,
    delay: Duration,
    replies: Vec<Reply<O>>,
}

impl<'server, O: Operation> Mock<'server, O> {
    pub(super) fn on(server: &'server MockServer) -> Self {
        Self {
            server,
            expected: None,
            conditions: Vec::new(),
            delay: Duration::ZERO,
            replies: Vec::new(),
        }
    }

    /// Answers only what this call sends: its path, its query, its body. Headers, and with them
    /// credentials, may be any unless [`when`](Self::when) says otherwise.
    ///
    /// The call is not made; the client that it is given only looks at it. A client under test that has a
    /// path in its base URL sends another path, and is not answered.
    ///
    /// # Panics
    ///
    /// If it is a call of another operation, sends nothing or more than one request, or has an argument
    /// that cannot be sent; and if the mock expects a call already: a second one is a mock of its own.
    #[must_use]
    pub fn expect<F>(mut self, call: F) -> Self
    where
        F: AsyncFnOnce(&O::Client) -> Result<ResponseValue<O::Answer>, Error>,
    {
        assert!(
            self.expected.is_none(),
            "a mock of {} expects one call; a second one is a mock of its own",
            O::NAME
        );
        let recorder = Recorder::default();
        let client = O::Client::recording(recorder.clone());
        let mut context = Context::from_waker(Waker::noop());
        let error = match pin!(call(&client)).poll(&mut context) {
            Poll::Ready(Err(error)) => error.to_string(),
            Poll::Ready(Ok(_)) | Poll::Pending => "it waits for something else".to_owned(),
        };
        let mut requests = recorder.take();
        match (requests.pop(), requests.is_empty()) {
            (Some(Recorded { operation, request }), true) if operation == O::NAME => {
                self.expected = Some(request);
                self
            }
            (Some(Recorded { operation, .. }), true) => {
                panic!("a mock of {} cannot expect a call of {operation}", O::NAME)
            }
            (Some(_), false) => panic!("a mock of {} expects one call at a time", O::NAME),
            (None, _) => panic!(
                "the call that a mock of {} expects sends nothing: {error}",
                O::NAME
            ),
        }
    }

    /// Answers only requests that meet this condition of httpmock's too, such as a header:
    /// `when(|when| when.header("authorization", "Bearer new"))`.
    #[must_use]
    pub fn when(mut self, condition: impl FnOnce(When) -> When + 'static) -> Self {
        self.conditions.push(Box::new(condition));
        self
    }

    /// Waits so long before each answer, whichever reply it is.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Answers so, once all replies before it were given. The last is given again and again.
    #[must_use]
    pub fn reply(mut self, reply: Reply<O>) -> Self {
        self.replies.push(reply);
        self
    }

    /// Has the server answer so from now on.
    ///
    /// # Panics
    ///
    /// If no reply was given.
    pub fn mount(self) -> httpmock::Mock<'server> {
        self.server.mock(|when, then| self.describe(when, then))
    }

    /// [`mount`](Self::mount), for a test that must not block.
    ///
    /// # Panics
    ///
    /// If no reply was given.
    pub async fn mount_async(self) -> httpmock::Mock<'server> {
        let server = self.server;
        server
            .mock_async(|when, then| self.describe(when, then))
            .await
    }

    fn describe(self, when: When, then: Then) {
        assert!(
            !self.replies.is_empty(),
            "a mock of {} needs a reply",
            O::ID
        );
        let when = when.method(O::METHOD);
        let when = self
            .conditions
            .into_iter()
            .fold(when, |when, add| add(when));
        match self.expected {
            Some(request) => same_as(&request, when),
            None => when.is_true(|request| fits(O::TEMPLATE, request.uri().path())),
        };
        let given = AtomicUsize::new(0);
        let replies = self.replies;
        then.delay(self.delay).respond_with(move |_| {
            let next = given.fetch_add(1, Ordering::Relaxed);
            replies[next.min(replies.len() - 1)].response()
        });
    }
}

/// Requests that ask for the same as this one.
fn same_as(expected: &reqwest::Request, when: When) -> When {
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

/// Whether a request has these parameters and no others, in any order.
fn same_query(expected: &[(String, String)], request: &HttpMockRequest) -> bool {
    let mut expected = expected.to_vec();
    let mut actual = request.query_params();
    expected.sort();
    actual.sort();
    expected == actual
}

/// Whether a path has the form of this template.
fn fits(template: &str, path: &str) -> bool {
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
