//! A response, as a provider's backend returns it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderName, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use serde_json::Value;

/// A status, headers and a body.
pub(crate) struct ProviderResponse {
    pub(crate) status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl ProviderResponse {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: String) -> Self {
        Self {
            body: body.into(),
            ..Self::empty(status).with_header(CONTENT_TYPE, HeaderValue::from_static(content_type))
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn into_parts(self) -> (StatusCode, HeaderMap, Bytes) {
        (self.status, self.headers.into_iter().collect(), self.body)
    }

    pub(crate) fn has_same_body(&self, other: &Self) -> bool {
        self.body == other.body
    }

    pub(crate) fn body_length(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        self.into_cut_response(usize::MAX)
    }

    /// Returns a response that announces the whole body and breaks off after `length` bytes of it.
    pub(crate) fn into_cut_response(self, length: usize) -> Response<ResponseBody> {
        let whole = self.body.len();
        let body = ResponseBody {
            remaining: self.body.slice(..whole.min(length)),
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

impl ResponseBody {
    /// Returns the bytes that are still to be sent.
    pub(crate) fn remaining(&self) -> &[u8] {
        &self.remaining
    }
}

/// The body of a response, which may break off before its end.
pub(crate) struct ResponseBody {
    remaining: Bytes,
    breaks_off: bool,
    flushed: bool,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.remaining.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.remaining)))));
        }
        if !self.breaks_off {
            return Poll::Ready(None);
        }
        if !self.flushed {
            // hyper flushes its buffer while a body is pending, but drops the buffer when a body fails.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("a fault cut the response body"))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining.is_empty() && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        match self.breaks_off {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.remaining.len() as u64),
        }
    }
}
