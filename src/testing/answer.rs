//! What a request is answered with.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderName, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use serde_json::Value;

/// A status, headers and a body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub(super) fn text(status: StatusCode, content_type: &'static str, body: String) -> Self {
        Self {
            body: body.into(),
            ..Self::empty(status).with(CONTENT_TYPE, HeaderValue::from_static(content_type))
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn into_parts(self) -> (StatusCode, HeaderMap, Bytes) {
        (self.status, self.headers.into_iter().collect(), self.body)
    }

    pub(super) fn body_length(&self) -> usize {
        self.body.len()
    }

    pub(super) fn into_response(self) -> Response<AnswerBody> {
        self.cut_off_after(usize::MAX)
    }

    /// Announces the whole body, and breaks off after so many bytes of it.
    pub(super) fn cut_off_after(self, length: usize) -> Response<AnswerBody> {
        let whole = self.body.len();
        let body = AnswerBody {
            left: self.body.slice(..whole.min(length)),
            breaks_off: length < whole,
            flushed: false,
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        if self.status != StatusCode::NO_CONTENT {
            let headers = response.headers_mut();
            headers.insert(CONTENT_LENGTH, HeaderValue::from(whole));
        }
        response
    }
}

/// The body of an answer, which may break off before its end.
pub(super) struct AnswerBody {
    left: Bytes,
    breaks_off: bool,
    flushed: bool,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.left.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.left)))));
        }
        if !self.breaks_off {
            return Poll::Ready(None);
        }
        if !self.flushed {
            // hyper writes out what it has while it waits, and drops it where a body fails.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("cut inside the answer"))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        match self.breaks_off {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.left.len() as u64),
        }
    }
}
